/// What a call handles some of, in words: how its rate and its price are told.
package struct WorkItem: Hashable, Sendable {
  /// What a network for pictures handles.
  package static let image = WorkItem("image")

  /// In the singular, as records have it.
  package var name: String

  /// Names an item as records do, which older ones leave out for images.
  package init(_ name: String?) { self.name = name ?? "image" }

  package var plural: String { name + "s" }
  /// The unit of a rate: `images/s`.
  package var rateUnit: String { plural + "/s" }
  /// What a price is for: `10⁹ images`, and 10⁶ of anything else.
  package var costUnit: String { (self == .image ? "10⁹ " : "10⁶ ") + plural }
  package var costWords: String { (self == .image ? "a billion " : "a million ") + plural }
}

extension CaseRecord.Derived {
  package var workItem: WorkItem { WorkItem(item) }
  /// Items per second, whatever they are.
  package var rate: Double? { imagesPerSecond ?? itemsPerSecond }
  package var rateCi95: [Double]? { imagesPerSecondCi95 ?? itemsPerSecondCi95 }
  /// The price of as many items as `WorkItem.costUnit` names.
  package var usdPerCount: Double? {
    usdPerBillionImages ?? usdPerMillionPositions ?? usdPerMillionItems
  }
  package var usdPerCountCi95: [Double]? {
    usdPerBillionImagesCi95 ?? usdPerMillionPositionsCi95 ?? usdPerMillionItemsCi95
  }

  /// Fills in the rates of a call that handles several items.
  ///
  /// - Parameters:
  ///   - count: Items of one call.
  ///   - item: What they are.
  ///   - statistics: Of the time of a call.
  ///   - tokens: Of an item; nil where it has none.
  mutating func setRate(
    _ count: Double, of item: WorkItem, _ statistics: CaseRecord.Statistics,
    tokens: Double? = nil
  ) {
    let rate: (Double) -> Double = { count * 1e9 / $0 }
    self.item = item.name
    itemsPerSecond = rate(statistics.medianNs)
    itemsPerSecondCi95 = statistics.ci95Ns.map { [rate($0[1]), rate($0[0])] }
    if let tokens {
      tokensPerSecond = itemsPerSecond.map { tokens * $0 }
      tokensPerSecondCi95 = itemsPerSecondCi95?.map { tokens * $0 }
    }
    guard item == .image else { return }
    (imagesPerSecond, imagesPerSecondCi95) = (itemsPerSecond, itemsPerSecondCi95)
  }
}

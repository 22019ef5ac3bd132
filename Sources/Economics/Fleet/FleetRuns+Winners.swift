import Harness

extension FleetRuns {
  /// The type of the highest rate, where its interval is apart from all others.
  func fastest(of entries: [FleetComparison.Entry]) -> FleetComparison.Winner {
    if let obstacle = obstacle(to: entries) { return .open(obstacle) }
    let separation = Separation(ofHighest: entries.map(\.rateInterval))
    return winner(of: entries, by: separation) { best, next in
      guard let rate = best.rate, let other = next.rate, other > 0 else { return nil }
      return (rate / other, Separation.ratio(of: best.rateInterval, over: next.rateInterval))
    }
  }

  /// The type of the lowest cost among those with a price of their own, likewise.
  func cheapest(of entries: [FleetComparison.Entry]) -> FleetComparison.Winner {
    let priced = ownPriced(entries)
    guard priced.count > 1 else {
      return .open(
        priced.first.map { "\($0.machineType) alone has a price of its own" }
          ?? "no type has a price of its own")
    }
    if let obstacle = obstacle(to: priced) { return .open(obstacle) }
    let ranked = priced.sorted { ($0.usd ?? .infinity) < ($1.usd ?? .infinity) }
    var told = winner(of: ranked, by: Separation(ranked.map(\.usdInterval))) { best, next in
      guard let usd = best.usd, let other = next.usd, usd > 0 else { return nil }
      return (other / usd, Separation.ratio(of: next.usdInterval, over: best.usdInterval))
    }
    if priced.count < entries.count { told.reason += ", among types with a price of their own" }
    return told
  }

  /// Says of each entry whose cost is its own whether another beats it in rate and cost together.
  func markFront(of entries: inout [FleetComparison.Entry]) {
    let places = entries.indices.filter { isOwnPriced(entries[$0]) }
    guard places.count > 1 else { return }
    let points = places.map { (first: -(entries[$0].rate ?? 0), second: entries[$0].usd ?? 0) }
    let front = Set(ParetoFront.places(of: points).map { places[$0] })
    let known = places.map { entries[$0] }
    for place in places {
      let own = entries[place]
      if front.contains(place) {
        entries[place].front = .on
      } else {
        let isBeaten = known.contains { Self.beats($0, own) }
        entries[place].front = isBeaten ? .beaten : .open
      }
    }
  }

  /// Whether both intervals of one are on the better side of the other's.
  private static func beats(
    _ one: FleetComparison.Entry, _ other: FleetComparison.Entry
  ) -> Bool {
    guard let rates = one.rateInterval, let usd = one.usdInterval,
      let otherRates = other.rateInterval, let otherUSD = other.usdInterval
    else { return false }
    return rates[0] > otherRates[1] && usd[1] < otherUSD[0]
  }

  /// Those whose cost rests on a price of their own type.
  private func ownPriced(_ entries: [FleetComparison.Entry]) -> [FleetComparison.Entry] {
    entries.filter { isOwnPriced($0) }
  }

  private func isOwnPriced(_ entry: FleetComparison.Entry) -> Bool {
    entry.usd != nil
      && machineTypes.contains { $0.letter == entry.machineType && $0.hasOwnPrice }
  }

  /// Why no winner can be told whatever the intervals are; nil where one can.
  private func obstacle(to entries: [FleetComparison.Entry]) -> String? {
    guard entries.count > 1 else { return "one machine type alone has it" }
    for entry in entries {
      if entry.refusal != nil { return "no speed of \(entry.machineType)" }
      if entry.disturbed { return "other work disturbed \(entry.machineType)" }
      let busy = entry.runs.first { records[$0 - 1].context.noise.isBusy }
      if let busy { return "the machine of run \(busy) was busy" }
    }
    return nil
  }

  /// The entry that intervals tell from all others, beside the next.
  ///
  /// - Parameters:
  ///   - entries: Two or more, the best median first.
  ///   - separation: Of their intervals.
  ///   - ratio: How many times as good the best is as the next, with an interval.
  /// - Returns: Open where intervals do not tell.
  private func winner(
    of entries: [FleetComparison.Entry], by separation: Separation,
    ratio: (FleetComparison.Entry, FleetComparison.Entry) -> (Double, [Double]?)?
  ) -> FleetComparison.Winner {
    switch separation {
    case .unknown: return .open("not all have an interval")
    case .overlapping: return .open("the intervals overlap")
    case .lowest(let place):
      let best = entries[place]
      let next = entries.first { $0.machineType != best.machineType }
      let lead = next.flatMap { ratio(best, $0) }
      return FleetComparison.Winner(
        machineType: best.machineType, provisional: entries.contains(where: \.provisional),
        ratio: lead?.0, ratioInterval: lead?.1, reason: "its interval is apart from all others")
    }
  }
}

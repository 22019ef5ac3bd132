import Harness

/// What an hour of a machine costs, and where that figure comes from.
package struct Price: Codable, Hashable, Sendable {
  /// USD per hour of the whole machine.
  package var usdPerHour: Double
  /// What kind of price it is, in words: `on-demand`, `owned: …`, `assumed: …`, `given`.
  package var basis: String
  package var instance: String?
  package var region: String?
  /// The day on which the source listed the price, as `2026-07-20`.
  package var asOf: String?
  package var source: String?
  /// What the user stated of electricity beside the price; no part of it, and in no record of it.
  package var electricity: Electricity?

  private enum CodingKeys: String, CodingKey {
    case usdPerHour, basis, instance, region, asOf, source
  }

  package init(
    usdPerHour: Double, basis: String, instance: String? = nil, region: String? = nil,
    asOf: String? = nil, source: String? = nil
  ) {
    precondition(
      usdPerHour > 0 && usdPerHour.isFinite, "a price of \(usdPerHour) USD an hour is none")
    (self.usdPerHour, self.basis, self.instance) = (usdPerHour, basis, instance)
    (self.region, self.asOf, self.source) = (region, asOf, source)
  }

  /// The price of several such machines.
  ///
  /// - Parameter machines: 1 or more.
  /// - Returns: As many times the hour; where it rests on an assumption, that still comes first.
  package func times(_ machines: Int) -> Price {
    guard machines > 1 else { return self }
    let mark = ResultRecord.PriceRecord.assumedBasis("")
    let isAssumed = basis.hasPrefix(mark)
    let words = isAssumed ? String(basis.dropFirst(mark.count)) : basis
    var price = self
    price.usdPerHour = Double(machines) * usdPerHour
    price.electricity = electricity?.times(machines)
    price.basis = (isAssumed ? mark : "") + "\(machines) machines, each \(words)"
    return price
  }

  package static func given(usdPerHour: Double) -> Price {
    Price(usdPerHour: usdPerHour, basis: "given with --usd-per-hour")
  }

  /// Hardware that is bought once, written off in a straight line, and fed with electricity.
  ///
  /// `usd/h = hardwareUSD / (lifetimeYears · 8766 h) + watts / 1000 · usdPerKWh`: used around the
  /// clock, without room, staff or interest. Price and lifetime are above 0; `watts` is the mean
  /// draw from the wall.
  package static func owned(
    hardwareUSD: Double, lifetimeYears: Double, watts: Double, usdPerKWh: Double
  ) -> Price {
    let hours = lifetimeYears * 365.25 * 24
    return Price(
      usdPerHour: hardwareUSD / hours + watts / 1000 * usdPerKWh,
      basis: """
        owned: \(Figure.text(hardwareUSD)) USD over \(Figure.text(lifetimeYears)) years, \
        \(Figure.text(watts)) W at \(Figure.text(usdPerKWh)) USD/kWh, in use around the clock
        """)
  }
}

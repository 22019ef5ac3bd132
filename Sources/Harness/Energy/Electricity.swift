/// What the user stated of electricity.
package struct Electricity: Codable, Hashable, Sendable {
  package static let joulesPerKilowattHour = 3.6e6

  /// USD for a kilowatt-hour.
  package var usdPerKwh: Double?
  /// What the machine draws at work, from which energy that was not measured is estimated.
  package var watts: Double?

  package init(usdPerKwh: Double? = nil, watts: Double? = nil) {
    (self.usdPerKwh, self.watts) = (usdPerKwh, watts)
  }

  /// What several such machines draw, at the same price.
  ///
  /// - Parameter machines: 1 or more.
  /// - Returns: As many times the watts.
  package func times(_ machines: Int) -> Electricity {
    Electricity(usdPerKwh: usdPerKwh, watts: watts.map { Double(machines) * $0 })
  }

  /// `0.3 USD a kWh, 150 W stated`.
  package var words: String {
    [
      usdPerKwh.map { "\(Units.number($0)) USD a kWh" },
      watts.map { "\(Units.number($0)) W stated" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}

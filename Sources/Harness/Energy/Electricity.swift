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

  /// `0.3 USD a kWh, 150 W stated`.
  package var words: String {
    [
      usdPerKwh.map { "\(Units.number($0)) USD a kWh" },
      watts.map { "\(Units.number($0)) W stated" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}

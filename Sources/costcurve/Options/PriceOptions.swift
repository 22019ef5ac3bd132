import ArgumentParser
import Economics
import Harness

/// What an hour of this machine costs.
struct PriceOptions: ParsableArguments {
  @Option(name: .customLong("usd-per-hour"), help: "Price of this machine in USD per hour.")
  var usdPerHour: Double?

  @Option(help: "Price of a cloud instance by name; see 'costcurve list instances'.")
  var instance: String?

  @Option(name: .customLong("hardware-usd"), help: "Purchase price of owned hardware, in USD.")
  var hardwareUSD: Double?

  @Option(
    name: .customLong("lifetime-years"), help: "Years over which owned hardware is written off.")
  var lifetimeYears: Double?

  @Option(help: "Power that owned hardware draws, in watts.")
  var watts: Double?

  @Option(name: .customLong("usd-per-kwh"), help: "Price of electricity, in USD per kWh.")
  var usdPerKWh: Double?

  func validate() throws {
    let owned = [hardwareUSD, lifetimeYears, watts, usdPerKWh]
    let isOwned = owned.contains { $0 != nil }
    let ways = [usdPerHour != nil, instance != nil, isOwned].count { $0 }
    guard ways <= 1 else {
      throw ValidationError(
        "give one price: --usd-per-hour, or --instance, or owned hardware, not several.")
    }
    if isOwned, owned.contains(where: { $0 == nil }) {
      throw ValidationError(
        "owned hardware needs --hardware-usd, --lifetime-years, --watts and --usd-per-kwh together."
      )
    }
    try Self.check(usdPerHour, "--usd-per-hour", 1e-6...1e6)
    try Self.check(hardwareUSD, "--hardware-usd", 1e-2...1e10)
    try Self.check(lifetimeYears, "--lifetime-years", 1e-2...100)
    try Self.check(watts, "--watts", 0...1e8)
    try Self.check(usdPerKWh, "--usd-per-kwh", 0...100)
  }

  private static func check(
    _ value: Double?, _ flag: String, _ range: ClosedRange<Double>
  ) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(flag) needs a number from \(range.lowerBound) to \(range.upperBound), not \(value).")
  }

  /// The price that the flags name, or the catalogue's assumption for the CPUs that this process may use.
  func price(_ records: Records = .builtIn) throws -> Price {
    if let usdPerHour { return .given(usdPerHour: usdPerHour) }
    if let hardwareUSD, let lifetimeYears, let watts, let usdPerKWh {
      return .owned(
        hardwareUSD: hardwareUSD, lifetimeYears: lifetimeYears, watts: watts, usdPerKWh: usdPerKWh)
    }
    let catalogue = try PriceCatalogue(records)
    if let instance { return try catalogue.entry(named: instance).price }
    return catalogue.assumed(cpus: MachineReader.availableThreads)
  }
}

import ArgumentParser
import Economics
import Harness

/// What an hour of this machine costs.
struct PriceOptions: ParsableArguments {
  @Option(name: .customLong("usd-per-hour"), help: "Price of this machine in USD per hour.")
  var usdPerHour: Double?

  @Option(
    help: """
      Price of a cloud instance by name, scaled by vCPUs where its size is another, as an \
      assumption; see 'costcurve list instances'.
      """)
  var instance: String?

  @Option(name: .customLong("hardware-usd"), help: "Purchase price of owned hardware, in USD.")
  var hardwareUSD: Double?

  @Option(
    name: .customLong("lifetime-years"), help: "Years over which owned hardware is written off.")
  var lifetimeYears: Double?

  @Option(
    help: """
      Power that the machine draws, in watts: of owned hardware, and for an estimate of energy \
      where that cannot be measured.
      """)
  var watts: Double?

  @Option(
    name: .customLong("usd-per-kwh"),
    help: "Price of electricity, in USD per kWh: of owned hardware, and of energy.")
  var usdPerKWh: Double?

  func validate() throws {
    let isOwned = hardwareUSD != nil || lifetimeYears != nil
    let owned = [hardwareUSD, lifetimeYears, watts, usdPerKWh]
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
    try (1e-6...1e6).check("--usd-per-hour", usdPerHour)
    try (1e-2...1e10).check("--hardware-usd", hardwareUSD)
    try (1e-2...100).check("--lifetime-years", lifetimeYears)
    try (0.0...1e8).check("--watts", watts)
    try (0.0...100).check("--usd-per-kwh", usdPerKWh)
  }

  /// What the flags state of electricity; nil where nothing.
  var electricity: Electricity? {
    watts == nil && usdPerKWh == nil ? nil : Electricity(usdPerKwh: usdPerKWh, watts: watts)
  }

  /// Refuses electricity that is no part of owned hardware, where no energy is recorded.
  ///
  /// - Throws: `ValidationError`.
  func refuseElectricityAlone() throws {
    guard electricity != nil, hardwareUSD == nil else { return }
    throw ValidationError(
      "--watts and --usd-per-kwh need --hardware-usd and --lifetime-years here: no energy is "
        + "recorded.")
  }

  /// Whether a flag names a price.
  var isGiven: Bool { usdPerHour != nil || instance != nil || hardwareUSD != nil }

  /// The price of this machine: what the flags name, or the catalogue's assumption.
  func price(_ records: Records = .builtIn) throws -> Price {
    try price(of: MachineReader.machine(), records)
  }

  /// The price of a machine that was measured: what the flags name, or the catalogue's assumption
  /// for the CPUs that it let the process use.
  func price(of machine: Context.Machine, _ records: Records = .builtIn) throws -> Price {
    var price = try hourly(of: machine, records)
    price.electricity = electricity
    return price
  }

  private func hourly(of machine: Context.Machine, _ records: Records) throws -> Price {
    if let price = ownPrice { return price }
    let catalogue = try PriceCatalogue(records)
    let cpus = machine.usableCPUs
    guard let instance else { return catalogue.assumed(cpus: cpus) }
    return try catalogue.price(
      of: instance, forMachineWith: cpus,
      architecture: ["x86_64": "x86-64", "aarch64": "arm64"][machine.architecture]
        ?? machine.architecture)
  }

  /// The price that the flags name, an instance's as it is listed: for rates that need not be this
  /// machine's.
  func listPrice(_ records: Records = .builtIn) throws -> Price {
    guard let instance else { return try price(records) }
    return try PriceCatalogue(records).entry(named: instance).price
  }

  /// The price that the user states, by the hour or by the purchase.
  private var ownPrice: Price? {
    if let usdPerHour { return .given(usdPerHour: usdPerHour) }
    guard let hardwareUSD, let lifetimeYears, let watts, let usdPerKWh else { return nil }
    return .owned(
      hardwareUSD: hardwareUSD, lifetimeYears: lifetimeYears, watts: watts, usdPerKWh: usdPerKWh)
  }
}

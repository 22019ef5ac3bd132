import Economics
import Harness
import TestSupport
import Testing

/// What energy costs, and that what was measured and what was stated never meet.
struct PricedEnergyTests {
  /// Two processes of 10 calls of 20 ms, 50 images a second.
  private func record(_ energy: Energy?) -> ResultRecord {
    var derived = CaseRecord.Derived()
    (derived.itemsPerSecond, derived.itemsPerSecondCi95) = (50, [40, 80])
    (derived.imagesPerSecond, derived.imagesPerSecondCi95) = (50, [40, 80])
    derived.gflopsExecuted = 100
    if energy?.measured != nil {
      (derived.joulesPerItem, derived.joulesPerItemCi95) = (1.5, [1, 2])
    }
    let samples = [Double](repeating: 20e6, count: 10)
    let processes = (0..<2).map { _ in
      CaseRecord.ProcessSamples(
        samplesNs: samples, flags: samples.map { _ in "" }, callsPerSample: 1, warmupNs: [])
    }
    var item = CaseRecord(
      id: "infer/x/b1/t2/native", kind: .infer, parameters: ["network": "x"], algorithm: "plan",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: nil),
      accuracy: .init(status: "not evaluated"), processes: processes,
      statistics: Summary.statistics(of: processes.map(\.samplesNs)), derived: derived,
      validity: .init(ok: true), repeat: "")
    item.energy = energy
    return ResultRecord(context: .sample(arguments: ["infer"]), cases: [item])
  }

  private var measured: Energy {
    get throws {
      .measured(
        try #require(
          Energy.Measured(
            joules: 150, seconds: 2, windows: 2, source: "powercap", domains: ["package-0"])))
    }
  }

  private func isNear(_ a: Double?, _ b: Double) -> Bool {
    guard let a else { return false }
    return abs(a / b - 1) < 1e-12
  }

  @Test func measuredJoulesCostWhatElectricityCosts() throws {
    let energy = try measured
    var record = record(energy)
    record.setElectricity(.init(usdPerKwh: 0.36, watts: 1000))
    let item = record.cases[0]
    #expect(item.energy == energy)
    #expect(isNear(item.derived.electricityUsdPerMillionItems, 0.15))
    let ends = try #require(item.derived.electricityUsdPerMillionItemsCi95)
    #expect(isNear(ends[0], 0.1) && isNear(ends[1], 0.2))
    #expect(item.derived.estimatedJoulesPerItem == nil)
    #expect(item.derived.estimatedElectricityUsdPerMillionItems == nil)
    #expect(record.electricity == Electricity(usdPerKwh: 0.36, watts: 1000))
  }

  @Test(arguments: [Energy.unmeasurable("no RAPL in this guest"), nil] as [Energy?])
  func whatIsStatedIsAnEstimate(_ energy: Energy?) throws {
    var record = record(energy)
    record.setElectricity(.init(watts: 100))
    let estimate = try #require(record.cases[0].energy?.estimate)
    #expect(isNear(estimate.joules, 40) && isNear(estimate.seconds, 0.4))
    let reason = energy?.refusal ?? "nobody read a counter when this was timed"
    #expect(estimate.reason == reason)
    let derived = record.cases[0].derived
    #expect(isNear(derived.estimatedJoulesPerItem, 2))
    #expect(derived.estimatedJoulesPerItemCi95 == [1.25, 2.5])
    #expect(derived.joulesPerItem == nil && derived.electricityUsdPerMillionItems == nil)
    #expect(derived.estimatedElectricityUsdPerMillionItems == nil)
    // A price that comes later, and another power.
    record.setElectricity(.init(usdPerKwh: 0.36))
    let costs = record.cases[0].derived.estimatedElectricityUsdPerMillionItems
    #expect(isNear(costs, 0.2))
    record.setElectricity(.init(watts: 200))
    #expect(isNear(record.cases[0].energy?.estimate?.joules, 80))
    #expect(isNear(record.cases[0].derived.estimatedElectricityUsdPerMillionItems, 0.4))
  }

  @Test func noWattsAreNoEstimate() {
    var record = record(.unmeasurable("no RAPL in this guest"))
    record.setElectricity(.init(usdPerKwh: 0.3, watts: 0))
    #expect(record.cases[0].energy == .unmeasurable("no RAPL in this guest"))
    #expect(record.cases[0].derived.estimatedJoulesPerItem == nil)
  }

  @Test func aPriceBringsItsElectricityAndEachMachineItsWatts() throws {
    var price = Price.given(usdPerHour: 1)
    var plain = record(nil)
    plain.setPrice(price)
    #expect(plain.electricity == nil && plain.cases[0].energy == nil)
    price.electricity = Electricity(usdPerKwh: 0.3, watts: 100)
    var two = record(nil)
    two.setPrice(price.times(2))
    #expect(two.electricity == Electricity(usdPerKwh: 0.3, watts: 200))
    #expect(isNear(two.cases[0].derived.estimatedJoulesPerItem, 4))
  }

  /// The claim about operations per watt gets this machine's, or why it has none.
  @Test func operationsPerWattAreACasesOfOurs() throws {
    let energy = try measured
    let found = try #require(LocalMeasurement(record(energy)).efficiency)
    #expect(isNear(found.gflopPerJoule, 100 / 75) && isNear(found.watts, 75))
    func finding(_ energy: Energy?) throws -> LocalFinding {
      let audit = try Claims.audit(local: LocalMeasurement(record(energy)))
      let claim = try audit.claim("chips-flops-per-watt")
      return try #require(claim.local.first)
    }
    let value = try finding(energy).value
    #expect(isNear(value, 100 / 75))
    let guest = try finding(.unmeasurable("no RAPL in this guest"))
    #expect(guest.value == nil && guest.note.contains("unmeasurable here: no RAPL in this guest"))
    let unasked = try finding(nil)
    #expect(unasked.value == nil && unasked.note.contains("'costcurve run' measures it"))
  }
}

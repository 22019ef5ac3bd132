import Foundation
import Harness
import TestSupport
import Testing

/// Energy in records: of processes, of cases, of items; and what is not there.
@Suite struct EnergyRecordTests {
  private func measured(
    _ joules: Double, seconds: Double, windows: Int = 1
  ) throws -> Energy {
    .measured(
      try #require(
        Energy.Measured(
          joules: joules, seconds: seconds, windows: windows, source: "powercap",
          domains: ["package-0"])))
  }

  /// There is no way to say that nothing was drawn.
  @Test(arguments: [0.0, -1, .nan, .infinity])
  func noEnergyIsZero(_ joules: Double) {
    #expect(
      Energy.Measured(joules: joules, seconds: 1, windows: 1, source: "", domains: ["a"]) == nil)
    #expect(Energy.Estimate(joules: joules, seconds: 1, reason: "") == nil)
    #expect(Energy.Measured(joules: 1, seconds: 1, windows: 1, source: "", domains: []) == nil)
  }

  @Test func processesAreAddedAndHaveToBeLongEnough() throws {
    #expect(Energy.pooled([]) == nil)
    let whole = Energy.pooled([
      try measured(20, seconds: 0.4), try measured(30, seconds: 0.6, windows: 3),
    ])
    let sum = try measured(50, seconds: 1, windows: 4)
    #expect(whole == sum)
    let short = Energy.pooled([try measured(20, seconds: 0.4), try measured(20, seconds: 0.4)])
    #expect(short?.refusal?.hasPrefix("too short: 800 ms") == true)
    let hasty = Energy.pooled([try measured(500, seconds: 10, windows: 500)])
    #expect(hasty?.refusal?.hasPrefix("too short: turns of 20.0 ms each") == true)
    let fitting = Energy.pooled([try measured(500, seconds: 10, windows: 40)])
    #expect(fitting?.measured != nil)
    let lost = Energy.pooled([try measured(20, seconds: 4), .unmeasurable("gone")])
    #expect(lost == .unmeasurable("gone"))
  }

  private var schema: JSONSchema {
    get throws {
      try JSONSchema(
        contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
          .appendingPathComponent("../../../Sources/Harness/Schemas/costcurve.result.schema.json"))
    }
  }

  @Test func everyStatusFitsTheSchemaAndIsRead() throws {
    let estimate = try #require(Energy.Estimate(joules: 75, seconds: 0.5, reason: "no RAPL"))
    for energy in [
      try measured(50, seconds: 2), .estimated(estimate), .unmeasurable("no RAPL"),
    ] {
      var record = RecordFixture.record
      record.electricity = .init(usdPerKwh: 0.3, watts: 150)
      record.cases[0].energy = energy
      record.cases[0].processes[0].energy = energy
      record.cases[0].derived.joulesPerItem = 0.5
      record.cases[0].derived.joulesPerItemCi95 = [0.4, 0.6]
      record.cases[0].derived.electricityUsdPerMillionItems = 0.04
      record.cases[0].derived.estimatedJoulesPerItem = 1
      record.cases[0].derived.estimatedElectricityUsdPerMillionItems = 0.08
      let data = try ResultRecord.encoder().encode(record)
      #expect(try schema.violations(in: data) == [])
      let text = String(decoding: data, as: UTF8.self)
      for key in ["usd_per_kwh", "joules_per_item_ci95", "estimated_joules_per_item"] {
        #expect(text.contains("\"\(key)\""))
      }
      #expect(text.contains("\"joules\" : null") == (energy.status == .unmeasurable))
      #expect(text.contains("\"status\" : \"\(energy.status.rawValue)\""))
      #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
    }
  }

  @Test func aRecordWithoutEnergyIsRead() throws {
    let data = try ResultRecord.encoder().encode(RecordFixture.record)
    #expect(!String(decoding: data, as: UTF8.self).contains("energy"))
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    #expect(record.cases[0].energy == nil && record.electricity == nil)
  }

  /// A file can say anything; a measured nothing is refused with its place.
  @Test(arguments: [
    #""status": "measured", "joules": 0, "seconds": 1, "domains": ["a"]"#,
    #""status": "measured", "joules": null, "seconds": 1, "domains": ["a"]"#,
    #""status": "measured", "joules": 5, "seconds": 1, "domains": []"#,
    #""status": "estimated", "joules": -5, "seconds": 1, "domains": []"#,
    #""status": "guessed", "joules": 5, "seconds": 1, "domains": []"#,
  ])
  func whatCannotBeSoIsRefused(_ fields: String) {
    let text = #"{"source": "x", "windows": 1, "reason": null, \#(fields)}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Energy.self, from: Data(text.utf8))
    }
  }

  // MARK: In a measurement

  private func record(_ launch: WorkerLaunch, _ meter: EnergyMeter?) throws -> CaseRecord {
    let preset = Preset.standard.withProcesses(3).withDuration(0.01)
    let plan = MeasurementPlan(
      cases: [CaseRequest(id: "infer/net/b1/fake")], preset: preset, launch: launch)
    return try #require(Measurement(plan, meter: meter).run().records.first)
  }

  /// Each run of the worker takes 5 J, and each reading of the clock a second.
  @Test func turnsAreMetered() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let counter = sys.counter("intel-rapl:0")
    let launch = FakeWorker.steady(
      samples: "[2000.0]",
      meanwhile: "read -r uj < '\(counter)'; echo $((uj + 5000000)) > '\(counter)'")
    let record = try record(launch, sys.meter(perReading: 1))
    #expect(record.processes.count == 3)
    for process in record.processes {
      let own = try #require(process.energy?.measured)
      #expect(abs(own.joules - 5 * Double(own.windows)) < 1e-6)
    }
    let all = try #require(record.energy?.measured)
    #expect(abs(all.joules - 5 * Double(all.windows)) < 1e-6)
    #expect(all.windows == record.processes.reduce(0) { $0 + ($1.energy?.measured?.windows ?? 0) })
    // About 5 W for 2 µs an image; whoever waits longer for a reply reads the clock more often.
    let joules = try #require(record.derived.joulesPerItem)
    #expect(joules > 0 && joules <= 5 * 2e-6 * 1.000_001)
    #expect(record.derived.joulesPerItemCi95?.count == 2)
    #expect(record.derived.estimatedJoulesPerItem == nil)
  }

  @Test func withoutCountersTheReasonStands() throws {
    let sys = try MadeUpSysfs()
    let launch = FakeWorker.steady(samples: "[2000.0]")
    let guest = try record(launch, sys.meter(hypervisor: "KVM"))
    #expect(guest.energy == .unmeasurable("no RAPL in this guest"))
    #expect(guest.derived.joulesPerItem == nil && guest.validity.ok)
    #expect(try record(launch, nil).energy == nil)
  }

  @Test func armsOfARaceAreMetered() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let counter = sys.counter("intel-rapl:0")
    let arms = [("ours", 1000), ("theirs", 2000)].map { name, ns in
      Arm(
        name: name,
        launch: FakeWorker.steady(
          samples: "[\(ns).0]",
          meanwhile: "read -r uj < '\(counter)'; echo $((uj + \(ns)000)) > '\(counter)'"),
        engine: name)
    }
    let request = CaseRequest(id: "infer/net/b1/t2/ours")
    let runners = Race(
      arms, request, processes: 2, blocks: 3, seconds: 30, seed: 1, cancel: CancelFlag(),
      meter: sys.meter(perReading: 1)
    ).run()
    for (runner, joules) in zip(runners, [1.0, 2.0]) {
      let record = runner.record(request: request, directPerImage: 10, own: nil)
      let energy = try #require(record.energy?.measured)
      // The turn that warms up, and one in each block.
      #expect(energy.windows == 2 * 4 && abs(energy.joules - 8 * joules) < 1e-6)
      #expect(record.derived.joulesPerItem != nil)
    }
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// The published schemas against what the encoder writes.
@Suite struct SchemaTests {
  private func schema(_ name: String) throws -> JSONSchema {
    try JSONSchema(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Harness/Schemas/costcurve.\(name).schema.json"))
  }

  private var comparison: ComparisonRecord {
    get throws {
      let samples = FakeWorker.steady(samples: "[1000.0,1001.0]")
      var plan = ComparisonPlan(
        a: Arm(name: "a", launch: samples), b: Arm(name: "b", launch: samples),
        peers: [Arm(name: "c", launch: samples)], cases: [CaseRequest(id: "gemm/4/fake")])
      (plan.processes, plan.pairs) = (2, 3)
      return ComparisonRecord(
        context: RecordFixture.record.context, arms: ["a", "b", "c"], seed: 1,
        cases: Comparison(plan).run().cases)
    }
  }

  @Test func aResultFitsItsSchema() throws {
    let data = try ResultRecord.encoder().encode(RecordFixture.record)
    let violations = try schema("result").violations(in: data)
    #expect(violations == [])
  }

  /// What an answer was held against, and its absence, as in older records.
  @Test(arguments: [nil, .operators, .kernels] as [CaseRecord.Correctness.Basis?])
  func aCheckFitsToo(_ against: CaseRecord.Correctness.Basis?) throws {
    var record = RecordFixture.record
    record.cases[0].correctness.against = against
    let data = try ResultRecord.encoder().encode(record)
    #expect(try schema("result").violations(in: data) == [])
    #expect(String(decoding: data, as: UTF8.self).contains("\"against\"") == (against != nil))
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
  }

  @Test func aRefusedCaseFitsToo() throws {
    var record = RecordFixture.record
    record.price = nil
    record.cases[0].statistics = nil
    record.cases[0].derived = .init()
    record.cases[0].correctness = .init(status: .failed, maxError: nil)
    record.losses = [1, 0.5]
    let data = try ResultRecord.encoder().encode(record)
    let violations = try schema("result").violations(in: data)
    #expect(violations == [])
  }

  @Test func aComparisonOfReleasesFitsToo() throws {
    var record = RecordFixture.record
    record.kind = .race
    record.cases[0].origin = .init(name: "a", version: "1.0", released: "2026-10")
    record.softwareTrends = [
      SoftwareTrend(
        setting: "a-fast", software: "a", kind: .infer, subject: "infer/net/b1/t1", releases: 2,
        first: ("0.9", "2024-01-31"), last: ("1.0", "2026-10"), yearlyFactor: 1.1,
        yearlyFactorCi95: [1.05, 1.15], gain: 1.3, gainCi95: nil)
    ]
    let data = try ResultRecord.encoder().encode(record)
    #expect(try schema("result").violations(in: data) == [])
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
  }

  @Test func aDisturbedResultFitsToo() throws {
    var record = RecordFixture.record
    record.peaks.append(.init(threads: 2, fmaGflops: 60, bandwidthGbPerS: nil))
    record.cases[0].derived.percentOfPeak = 236
    record.cases[0].derived.medianDisturbed = true
    record.cases[0].processes[0].turnSamples = [1, 9]
    record.context.noise.otherProcessesPercent = 62
    record.context.noise.before = .init(othersPercent: 99, stealPercent: 0, runQueue: nil)
    record.context.noise.controlSpreadPercent = 40
    record.context.noise.neverQuiet = ["a"]
    let told = record.withholdingTheImpossible()
    #expect(told.validity?.ok == false && told.peaks.contains(where: \.isDisturbed))
    let data = try ResultRecord.encoder().encode(told)
    #expect(try schema("result").violations(in: data) == [])
  }

  @Test func aScenarioFitsToo() throws {
    var record = RecordFixture.record
    record.cases[0].kind = .infer
    record.extent = .init(preset: "quick", processes: 1, interrupted: true, casesAsked: 2)
    let scenarios: [Scenario] = [
      .singleStream, .multiStream(samples: 8), .offline(samples: 24_576),
    ]
    for scenario in scenarios {
      record.count(by: scenario, seconds: 1)
      let data = try ResultRecord.encoder().encode(record)
      #expect(String(decoding: data, as: UTF8.self).contains("samples_per_query"))
      #expect(try schema("result").violations(in: data) == [])
      #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
    }
  }

  @Test func aStepOfSeveralRanksFitsToo() throws {
    var record = RecordFixture.record
    var sums = CaseRecord.AllReduce.sample(exposedMs: [100, 110], besideMs: [60, 80])
    sums.link = .init(gbPerS: 0.118, latencyUs: 50)
    #expect(sums.exposedMs == 105 && sums.exposedMsMost == 110 && sums.besideMs == 70)
    #expect(sums.sentence(ofStepOf: 1050).contains("waits 105 of 1050 ms (10.0 %)"))
    #expect(!sums.sentence(ofStepOf: 1050).contains("not compared"))
    sums.checkedSums = .notCompared
    #expect(sums.sentence(ofStepOf: 1050).contains("not compared with those of one process"))
    record.cases[0].derived.allReduce = sums
    let data = try ResultRecord.encoder().encode(record)
    #expect(try schema("result").violations(in: data) == [])
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
  }

  @Test func aResultOfIntegersFitsToo() throws {
    var record = RecordFixture.record
    record.peaks.append(.init(threads: 1, precision: .int8, gigaOperationsPerSecond: 470))
    record.cases[0].id = "conv/net.a/forward/b1/t1/int8/native"
    record.cases[0].derived = .init()
    record.cases[0].derived.gigaOperationsPerSecond = 400
    let data = try ResultRecord.encoder().encode(record)
    #expect(try schema("result").violations(in: data) == [])
  }

  @Test func aComparisonFitsItsSchema() throws {
    let data = try ResultRecord.encoder().encode(try comparison)
    #expect(try schema("comparison").violations(in: data) == [])
  }

  /// Every required key, taken away in turn, is missed: the schemas can fail.
  @Test func aMissingKeyIsAFault() throws {
    let schema = try schema("result")
    let data = try ResultRecord.encoder().encode(RecordFixture.record)
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in ["schema", "schema_version", "context", "price", "peaks", "cases"] {
      var less = object
      less[key] = nil
      #expect(
        try !schema.violations(in: JSONSerialization.data(withJSONObject: less)).isEmpty,
        "without \(key)")
    }
    object["schema"] = "something.else"
    #expect(try !schema.violations(in: JSONSerialization.data(withJSONObject: object)).isEmpty)
  }

  @Test func whatIsWrittenIsRead() throws {
    let record = RecordFixture.record
    let data = try ResultRecord.encoder().encode(record)
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == record)
  }
}

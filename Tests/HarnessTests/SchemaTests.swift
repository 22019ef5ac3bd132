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

import Harness
import Testing

/// How many samples a process takes before its narrow interval ends it.
@Suite struct StopRuleTests {
  /// A worker that gives a hundred equal samples at a time has a narrow interval from the first.
  ///
  /// A product then has enough; a latency's 99th percentile takes 662, so the seventh hundred ends it.
  @Test(arguments: [("gemm/4/fake", 100), ("infer/net/b1/fake", 700)])
  func aNarrowIntervalEndsAProcess(id: String, expected: Int) throws {
    let samples = "[" + repeatElement("1000.0", count: 100).joined(separator: ",") + "]"
    let plan = MeasurementPlan(
      cases: [CaseRequest(id: id)],
      preset: Preset.standard.withProcesses(1).withDuration(60),
      launch: FakeWorker.steady(samples: samples))
    let record = try #require(Measurement(plan).run().records.first)
    #expect(record.processes.map(\.samplesNs.count) == [expected])
  }
}

import Harness
import Testing

/// LoadGen's counting: how many queries a run has, which figure it gives, which rules it left out.
@Suite struct ScenarioTests {
  /// A record of one case of inference whose processes gave these samples, in nanoseconds.
  private func record(
    _ id: String, _ processes: [[Double]], interrupted: Bool = false
  ) -> ResultRecord {
    var record = RecordFixture.record
    record.cases[0].id = id
    record.cases[0].kind = .infer
    record.cases[0].processes = processes.map { samples in
      .init(
        samplesNs: samples, flags: samples.map { _ in "" }, callsPerSample: 1, warmupNs: [])
    }
    record.cases[0].statistics = Summary.statistics(of: processes)
    record.extent = .init(
      preset: "default", processes: processes.count, interrupted: interrupted, casesAsked: 1)
    return record
  }

  private func result(
    _ scenario: Scenario, _ record: ResultRecord, seconds: Double = 600
  ) throws -> CaseRecord.ScenarioResult {
    var record = record
    record.count(by: scenario, seconds: seconds)
    return try #require(record.cases[0].scenario)
  }

  @Test func queriesAreThoseOfTheRules() {
    #expect(Scenario.singleStream.minimumQueries == 64)
    #expect(Scenario.multiStream(samples: 8).minimumQueries == 662)
    #expect(Scenario.offline(samples: 24_576).minimumQueries == 1)
    #expect(Scenario.singleStream.minimumCalls(batch: 1) == 64)
    #expect(Scenario.multiStream(samples: 8).minimumCalls(batch: 8) == 662)
    #expect(Scenario.offline(samples: 24_576).minimumCalls(batch: 16) == 1_536)
    #expect(Scenario.offline(samples: 17).minimumCalls(batch: 16) == 2)
  }

  @Test func aRunIsOneProcessThatDoesNotStopEarly() {
    let preset = Scenario.singleStream.preset(.rigorous, batch: 1, processes: nil)
    #expect(preset.processes == 1 && preset.minimumSamples == 64 && !preset.stopsEarly)
    #expect(preset.budget(for: .infer) == Preset.rigorous.budget(for: .infer))
    #expect(preset.fitted(to: [CaseRecord.Kind](repeating: .infer, count: 1_000)) == preset)
    #expect(Scenario.singleStream.preset(.quick, batch: 1, processes: 3).processes == 3)
    #expect(Preset.quick.stopsEarly && Preset.standard.stopsEarly)
  }

  /// A worker that gives a hundred equal samples at a time has a narrow interval from the first, at
  /// which any other case ends.
  @Test func callsAndTimeAreBothReached() throws {
    let samples = "[" + repeatElement("1000.0", count: 100).joined(separator: ",") + "]"
    func count(_ scenario: Scenario, seconds: Double) throws -> Int {
      let plan = MeasurementPlan(
        cases: [CaseRequest(id: "gemm/4/fake")],
        preset: scenario.preset(.standard.withDuration(seconds), batch: 1, processes: nil),
        launch: FakeWorker.steady(samples: samples))
      let record = try #require(Measurement(plan).run().records.first)
      return record.processes.reduce(0) { $0 + $1.samplesNs.count }
    }
    #expect(try count(.offline(samples: 1_000), seconds: 1e-6) == 1_000)
    #expect(try count(.offline(samples: 1), seconds: 0.5) > 100)
  }

  @Test func aStreamGivesTheBoundOfItsPercentile() throws {
    let times = (1...100).map { Double($0) * 1e6 }
    let found = try result(.singleStream, record("infer/n/b1/t1/native", [times.reversed()]))
    #expect(found.name == "single-stream" && found.metric == "p90_latency" && found.unit == "ms")
    // Of a hundred queries three may lie above the bound, so two are discarded.
    #expect(found.value == 98 && found.ci95 == nil)
    #expect(found.queries == 100 && found.samplesPerQuery == 1 && found.minimumQueries == 64)
    #expect(abs(found.seconds - 5.05) < 1e-9)
    #expect(found.departures.count == 1 && found.departures[0].contains("data set"))
    let few = try result(
      .singleStream, record("infer/n/b1/t1/native", [Array(times.prefix(63))], interrupted: true))
    #expect(few.value == nil)
    #expect(few.departures.contains { $0.contains("64 queries, there were 63") })
  }

  @Test func severalStreamsAreCountedByTheQuery() throws {
    let times = (1...662).map { Double($0) * 1e6 }
    let found = try result(.multiStream(samples: 4), record("infer/n/b4/t1/native", [times]))
    #expect(found.metric == "p99_latency" && found.value == 662 && found.samplesPerQuery == 4)
    #expect(found.departures.contains { $0.contains("8 samples, not 4") })
    let usual = try result(.multiStream(samples: 8), record("infer/n/b8/t1/native", [times]))
    #expect(!usual.departures.contains { $0.contains("8 samples") })
  }

  @Test func theOneQueryGivesARateOfTheMean() throws {
    // Half of the calls take three times as long: the mean is two, the median either.
    let times = (0..<64).map { $0.isMultiple(of: 2) ? 1e9 : 3e9 }
    let found = try result(
      .offline(samples: 1_024), record("infer/n/b16/t1/native", [times]), seconds: 30)
    #expect(found.metric == "samples_per_second" && found.unit == "samples/s")
    #expect(abs((found.value ?? 0) - 8) < 1e-9 && abs(found.seconds - 128) < 1e-9)
    #expect(found.queries == 1 && found.samplesPerQuery == 1_024)
    let ends = try #require(found.ci95)
    #expect(ends.count == 2 && ends[0] <= 8 && ends[1] >= 8)
    #expect(found.departures.contains { $0.contains("24 576 samples or more, this one 1 024") })
    #expect(found.departures.contains { $0.contains("600 s or more, this one 2 min 8 s") })
    let several = try result(
      .offline(samples: 16), record("infer/n/b16/t1/native", [[1e9, 1e9], [2e9, 2e9]]))
    #expect(several.queries == 2 && several.samplesPerQuery == 32)
    #expect(several.departures.contains { $0.contains("of one run, this one of 2") })
  }

  /// What was stopped lasted as long as it did, not as long as was asked for.
  @Test func aCutRunIsNoWholeOne() throws {
    let times = [Double](repeating: 1e6, count: 100)
    let whole = try result(.singleStream, record("infer/n/b1/t1/native", [times]), seconds: 600)
    #expect(!whole.departures.contains { $0.contains("lasts") })
    let cut = try result(
      .singleStream, record("infer/n/b1/t1/native", [times], interrupted: true), seconds: 600)
    #expect(cut.departures.contains { $0.contains("this one 100 ms") })
  }

  /// Of calls that are timed several together only the mean is known.
  @Test func callsThatAreTimedTogetherAreSaidToBe() throws {
    var record = record("infer/n/b1/t1/native", [[Double](repeating: 1e5, count: 100)])
    record.cases[0].processes[0].callsPerSample = 16
    let stream = try result(.singleStream, record)
    #expect(stream.queries == 100 && abs(stream.seconds - 0.16) < 1e-9)
    #expect(stream.departures.contains { $0.contains("the mean of 16 ") })
    let one = try result(.offline(samples: 1_600), record)
    #expect(one.samplesPerQuery == 1_600 && abs((one.value ?? 0) / 1e4 - 1) < 1e-9)
    #expect(!one.departures.contains { $0.contains("the mean of") })
  }

  @Test func whatHasNoSpeedHasNoMetric() {
    var record = record("infer/n/b1/t1/native", [(1...100).map { Double($0) }])
    record.cases[0].validity = .init(ok: false, reasons: ["wrong answer"])
    record.count(by: .singleStream, seconds: 600)
    #expect(record.cases[0].scenario == nil)
    record.cases[0].validity = .init(ok: true)
    record.cases[0].kind = .train
    record.count(by: .singleStream, seconds: 600)
    #expect(record.cases[0].scenario == nil)
  }
}

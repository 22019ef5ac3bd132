import Harness
import Testing

/// The rates of a case: what each is a rate of.
@Suite struct CaseAssemblyTests {
  private func record(
    _ request: CaseRequest, launch: WorkerLaunch, peaks: [Int: CaseRequest] = [:],
    precisionPeaks: [CaseID.Precision: [Int: CaseRequest]] = [:]
  ) throws -> CaseRecord {
    let preset = Preset.standard.withProcesses(3).withDuration(0.01)
    var plan = MeasurementPlan(cases: [request], preset: preset, launch: launch)
    (plan.peaks, plan.precisionPeaks) = (peaks, precisionPeaks)
    return try #require(Measurement(plan).run().records.first)
  }

  /// An algorithm that needs half of the direct operations is no nearer to the peak for it.
  @Test func theShareOfPeakIsOfWhatIsExecuted() throws {
    // The probe executes 50 000 operations in 1000 ns as well.
    let launch = FakeWorker.steady(samples: "[1000.0]", flop: 50_000, directFLOP: 100_000)
    let record = try record(
      CaseRequest(id: "gemm/4/fake"), launch: launch, peaks: [1: CaseRequest(id: "peak/fma/t1")])
    #expect(abs(try #require(record.derived.gflopsDirect) - 100) < 1e-9)
    #expect(abs(try #require(record.derived.gflopsExecuted) - 50) < 1e-9)
    #expect(abs(try #require(record.derived.percentOfPeak) - 100) < 1e-9)
    #expect(record.validity.ok)
  }

  /// Operations on integers are no FLOP, and a share of the peak of their own kind.
  @Test func integersHaveARateAndAPeakOfTheirOwn() throws {
    let launch = FakeWorker.steady(samples: "[1000.0]", flop: 50_000, directFLOP: 100_000)
    let record = try record(
      CaseRequest(id: "gemm/4/t1/int8/fake"), launch: launch,
      precisionPeaks: [.int8: [1: CaseRequest(id: "peak/dot/t1/int8")]])
    #expect(record.derived.gflopsDirect == nil && record.derived.gflopsExecuted == nil)
    // As rates of floats do, those of integers follow from the definition, and shares from what is done.
    #expect(abs(try #require(record.derived.gigaOperationsPerSecond) - 100) < 1e-9)
    #expect(abs(try #require(record.derived.percentOfPeak) - 100) < 1e-9)
    #expect(record.validity.ok)
  }

  /// Operations on bfloat16 are FLOP, and a share of the peak of bfloat16 and no other.
  @Test func bfloat16HasAPeakOfItsOwn() throws {
    let launch = FakeWorker.steady(samples: "[1000.0]", flop: 50_000)
    let request = CaseRequest(id: "gemm/4/t1/bf16/fake")
    let record = try record(
      request, launch: launch,
      precisionPeaks: [.bf16: [1: CaseRequest(id: "peak/dot/t1/bf16")]])
    #expect(record.derived.gigaOperationsPerSecond == nil)
    #expect(abs(try #require(record.derived.gflopsExecuted) - 50) < 1e-9)
    #expect(abs(try #require(record.derived.percentOfPeak) - 100) < 1e-9)
    let without = try self.record(
      request, launch: launch, peaks: [1: CaseRequest(id: "peak/fma/t1")],
      precisionPeaks: [.int8: [1: CaseRequest(id: "peak/dot/t1/int8")]])
    #expect(without.derived.percentOfPeak == nil && without.validity.ok)
  }

  @Test func imagesPerSecondCountAllImagesOfACall() throws {
    let launch = FakeWorker.steady(samples: "[2000.0]")
    let id = "infer/net/b1/fake"
    let one = try record(CaseRequest(id: id), launch: launch)
    #expect(abs(try #require(one.derived.imagesPerSecond) - 5e5) < 1e-3)
    let two = try record(CaseRequest(id: id, options: ["requests": "2"]), launch: launch)
    #expect(abs(try #require(two.derived.imagesPerSecond) - 1e6) < 1e-3)
    #expect(two.derived.itemsPerSecond == two.derived.imagesPerSecond)
    for end in try #require(two.derived.imagesPerSecondCi95) { #expect(abs(end - 1e6) < 1e-3) }
  }

  @Test func whatIsNoImageHasNoRateOfImages() throws {
    let launch = FakeWorker.steady(samples: "[2000.0]", item: "position")
    let id = "infer/net/b1/fake"
    let record = try record(CaseRequest(id: id, options: ["requests": "2"]), launch: launch)
    #expect(record.derived.item == "position")
    #expect(abs(try #require(record.derived.itemsPerSecond) - 1e6) < 1e-3)
    #expect(record.derived.itemsPerSecondCi95 != nil)
    #expect(record.derived.imagesPerSecond == nil && record.derived.imagesPerSecondCi95 == nil)
    #expect(record.derived.rate == record.derived.itemsPerSecond)
  }

  @Test func itemsAreToldInTheirOwnUnits() {
    let (image, position) = (WorkItem.image, WorkItem("position"))
    #expect(WorkItem(nil) == image)
    #expect([image, position].map(\.rateUnit) == ["images/s", "positions/s"])
    #expect([image, position].map(\.costUnit) == ["10⁹ images", "10⁶ positions"])
    #expect([image, position].map(\.costWords) == ["a billion images", "a million positions"])
  }
}

import Testing
import Workloads

/// Which engine comes nearest to its roof, and what holds it back.
@Suite struct RooflineLimitsTests {
  private func place(
    _ gflops: Double, _ bound: RooflineModel.Bound, lostMs: Double
  ) -> RooflineModel.Placement {
    .init(flopPerByte: 10, gflops: gflops, roofGflops: 100, bound: bound, lostMs: lostMs)
  }

  @Test func takesTheNearestEngineAndItsWorstCase() throws {
    let limits = try #require(
      RooflineModel.Limits(
        [
          ("far", place(20, .overhead, lostMs: 9)), ("near", place(90, .compute, lostMs: 1)),
          ("far", place(30, .overhead, lostMs: 8)), ("near", place(60, .l3, lostMs: 3)),
          ("near", place(95, .compute, lostMs: 0)), ("far", place(25, .overhead, lostMs: 8)),
        ] + (0..<9).map { _ in ("far", place(28, .overhead, lostMs: 8)) }))
    #expect(limits.engine == "near")
    #expect(limits.counts == [.compute: 2, .l3: 1])
    #expect(limits.worst == 3 && limits.worstPercent == 75)
  }

  @Test func nothingLostHasNoWorst() throws {
    let limits = try #require(RooflineModel.Limits([("a", place(100, .compute, lostMs: 0))]))
    #expect(limits.worst == nil && limits.worstPercent == 0)
    #expect(RooflineModel.Limits([]) == nil)
  }
}

import Kernels
import Testing

@Suite("Choice of algorithms")
struct ConvPlanTests {
  private func square(_ side: Int, stride: Int = 1) -> ConvShape {
    ConvShape(N: 1, C: 64, H: side, W: side, K: 64, R: 3, S: 3, stride: stride, padding: 1)
  }

  @Test("Fewer pixels take smaller tiles, and the fewest none")
  func tiles() {
    #expect(ConvPlan.native(square(14)) == .winograd4x3)
    #expect(ConvPlan.native(square(8).withBatch(2)) == .winograd4x3)
    #expect(ConvPlan.native(square(11)) == .winograd2x3)
    #expect(ConvPlan.native(square(7)) == .winograd2x3)
    #expect(ConvPlan.native(square(7).withBatch(3)) == .winograd4x3)
    #expect(ConvPlan.native(square(5)) == .direct)
  }

  @Test("Filters that change with each step are not transformed for few pixels")
  func changingFilters() {
    #expect(ConvPlan.native(square(7), filtersChange: true) == .direct)
    #expect(ConvPlan.native(square(14), filtersChange: true) == .direct)
    #expect(ConvPlan.native(square(28), filtersChange: true) == .winograd4x3)
    #expect(ConvPlan.native(square(7).withBatch(16), filtersChange: true) == .winograd4x3)
  }

  @Test("A filter for each channel has its own algorithm, other groups the register tile")
  func groups() throws {
    func grouped(_ groups: Int) throws -> ConvShape {
      try #require(
        ConvShape(
          checking: 1, C: 32, H: 14, W: 14, K: 32, window: 3, paddings: 1, groups: groups))
    }
    #expect(ConvPlan.native(try grouped(32)) == .depthwise)
    #expect(ConvPlan.native(try grouped(8)) == .direct)
    #expect(ConvPlan.native(try grouped(1)) == .winograd4x3)
  }

  @Test("What Winograd's algorithms cannot do, or must not, is direct")
  func direct() {
    #expect(ConvPlan.native(square(28, stride: 2)) == .direct)
    #expect(ConvPlan.native(square(14), allowsWinograd: false) == .direct)
  }
}

import Programs
import Testing

/// How far a tensor is from the oracle's.
@Suite struct RelativeErrorTests {
  @Test func itIsRelativeToTheLargestReferenceHoweverSmall() {
    #expect(RelativeError.between([0.25, 0], [0.5, 0]) == 0.5)
    #expect(RelativeError.between([3, -8], [2, -4]) == 1)
    #expect(RelativeError.between([1, 2], [1, 2]) == 0)
    #expect(RelativeError.between([0.25], [0]) == 0.25, "nothing to be relative to")
  }

  @Test func itIsRelativeToAScaleThatItIsTold() {
    #expect(RelativeError.between([0.25, 0], [0.5, 0], scale: 2) == 0.125)
    #expect(RelativeError.between([.nan], [0.5], scale: 2) == .infinity)
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func whatIsNotFiniteOnEitherSideIsInfinitelyFar(_ value: Float) {
    #expect(RelativeError.between([1, value], [1, 2]) == .infinity)
    #expect(RelativeError.between([1, 2], [1, value]) == .infinity)
    #expect(RelativeError.between([1, 2], [1]) == .infinity)
  }
}

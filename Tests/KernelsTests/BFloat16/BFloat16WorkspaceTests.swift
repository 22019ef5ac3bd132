import Kernels
import Testing

/// What is known of a pass's workspace beforehand is what the compiled pass asks for.
@Suite struct BFloat16WorkspaceTests {
  @Test(arguments: BFloat16GradientTests.shapes, [1, 3])
  func countsWhatGradientsAskFor(shape: ConvShape, threads: Int) {
    let most = threads * BFloat16Workspace.scratchBytesPerThread
    for form in BFloat16GradientTests.forms {
      let asked = BFloat16Algorithm.tile.compileBackwardData(
        shape, output: form.output, accumulates: form.accumulates, threads: threads
      ).workspaceByteCount
      let counted = BFloat16Workspace.backwardData(
        shape, output: form.output, accumulates: form.accumulates)
      #expect((0...most).contains(asked - counted), "\(form): \(asked), counted \(counted)")
      // One phase of a stride has a part of the positions, floats where they are added.
      if shape.stride > 1 { #expect(counted > 0) }
    }
  }

  @Test(arguments: oddConvShapes + groupedShapes)
  func forwardPassesAskForScratchAlone(shape: ConvShape) {
    let weights = [Float](repeating: 0, count: shape.filterCount)
    func asked(_ shape: ConvShape) -> Int {
      weights.withUnsafeBufferPointer { weights -> Int in
        guard let first = weights.baseAddress else { return -1 }
        return BFloat16Algorithm.tile.compile(
          shape, rounding: first, bias: nil, epilogue: BFloat16Epilogue(), threads: 2
        ).workspaceByteCount
      }
    }
    let most = 2 * BFloat16Workspace.scratchBytesPerThread
    #expect((1...most).contains(asked(shape)), "\(asked(shape))")
    #expect(asked(shape.withBatch(64)) == asked(shape))
  }

  private static let odd = ConvShape(
    N: 1, C: 3, H: 23, W: 19, K: 9, R: 7, S: 7, stride: 2, padding: 3)

  /// Gradients of 12 x 10 pixels with 10 filters instead of 9 are 2400 bytes, in whole lines 2432;
  /// the largest phase has 12 x 10 positions of 3 channels, which are 768 bytes, or 1472 of float32.
  @Test func backwardDataHoldsACopyAndAPhase() {
    for (accumulates, expected) in [(false, 3200), (true, 3904)] {
      let counted = BFloat16Workspace.backwardData(
        Self.odd, output: .bf16, accumulates: accumulates)
      #expect(counted == expected)
    }
  }

  /// A thread has 32 KB of a panel and one vector of filters of the result; the cut gradient has
  /// blocks of as many pairs, and a line more, for each vector of filters.
  @Test func backwardWeightsHoldPanelsAndGradientsOfThreads() throws {
    // By lanes of a vector.
    func check(_ shape: ConvShape, threads: Int, _ bytes: [Int: Int]) throws {
      let expected = try #require(bytes[VectorUnit.lanes])
      #expect(BFloat16Workspace.backwardWeights(shape, threads: threads) == expected)
    }
    // Few filters: each thread cuts its own pixels, and all but the first have a gradient, too.
    let few = ConvShape(N: 1, C: 64, H: 7, W: 7, K: 32, R: 1, S: 1)
    try check(few, threads: 1, [4: 99_072, 8: 99_072, 16: 53_376])
    try check(few, threads: 3, [4: 313_600, 8: 313_600, 16: 176_512])
    // Many: threads share one cut gradient, and none has a gradient of its own.
    let many = ConvShape(N: 1, C: 8, H: 7, W: 7, K: 400, R: 1, S: 1)
    try check(many, threads: 3, [4: 924_672, 8: 922_240, 16: 316_992])
  }
}

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
    let asked = BFloat16Algorithm.tile.compileBackwardWeights(shape, threads: threads)
      .workspaceByteCount
    #expect(BFloat16Workspace.backwardWeights(shape, threads: threads) == asked)
  }

  @Test(arguments: oddConvShapes + groupedShapes)
  func countsWhatForwardPassesAskFor(shape: ConvShape) {
    let weights = [Float](repeating: 0, count: shape.filterCount)
    let asked = weights.withUnsafeBufferPointer { weights -> Int in
      guard let first = weights.baseAddress else { return -1 }
      return BFloat16Algorithm.tile.compile(
        shape, rounding: first, bias: nil, epilogue: BFloat16Epilogue(), threads: 2
      ).workspaceByteCount
    }
    let counted = BFloat16Workspace.forward(shape)
    let most = 2 * BFloat16Workspace.scratchBytesPerThread
    #expect((0...most).contains(asked - counted), "\(asked), counted \(counted)")
  }
}

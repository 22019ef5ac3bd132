import Basics
import Kernels
import TestSupport

/// Shapes that a convolution has to get right: sizes of 1, primes, tails of every vector width,
/// strides that do not divide, windows larger than the input, padding wider than the window.
let oddConvShapes = evenlyPaddedShapes + perAxisShapes

private let evenlyPaddedShapes: [ConvShape] = [
  ConvShape(N: 1, C: 1, H: 1, W: 1, K: 1, R: 1, S: 1),
  ConvShape(N: 2, C: 5, H: 4, W: 3, K: 7, R: 1, S: 1),
  ConvShape(N: 2, C: 5, H: 4, W: 3, K: 7, R: 1, S: 1, padding: 1),
  ConvShape(N: 1, C: 64, H: 7, W: 7, K: 32, R: 1, S: 1),
  ConvShape(N: 3, C: 4, H: 7, W: 5, K: 6, R: 1, S: 1, stride: 2),
  ConvShape(N: 1, C: 3, H: 5, W: 5, K: 8, R: 3, S: 3, padding: 1),
  ConvShape(N: 2, C: 17, H: 7, W: 11, K: 13, R: 3, S: 3, padding: 1),
  ConvShape(N: 3, C: 8, H: 9, W: 8, K: 16, R: 3, S: 3, stride: 2, padding: 1),
  ConvShape(N: 1, C: 3, H: 23, W: 19, K: 9, R: 7, S: 7, stride: 2, padding: 3),
  ConvShape(N: 1, C: 3, H: 31, W: 29, K: 5, R: 11, S: 11, stride: 4, padding: 2),
  ConvShape(N: 2, C: 2, H: 2, W: 3, K: 3, R: 3, S: 3, padding: 3),
  ConvShape(N: 1, C: 2, H: 6, W: 9, K: 4, R: 2, S: 5, stride: 3, padding: 2),
  ConvShape(N: 5, C: 1, H: 3, W: 3, K: 1, R: 3, S: 3),
  ConvShape(N: 1, C: 40, H: 4, W: 4, K: 48, R: 3, S: 3, padding: 1),
]

/// Windows of one row or one column, and paddings that are not the same in both directions; few
/// channels, many, and strides.
private let perAxisShapes: [ConvShape] = [
  (2, 5, 7, 11, 13, PerAxis(1, 7), PerAxis(1), PerAxis(0, 3)),
  (1, 24, 9, 6, 17, PerAxis(7, 1), PerAxis(1), PerAxis(3, 0)),
  (2, 48, 5, 8, 40, PerAxis(1, 3), PerAxis(1), PerAxis(0, 1)),
  (1, 3, 8, 7, 16, PerAxis(3, 1), PerAxis(2), PerAxis(1, 0)),
  (1, 32, 9, 10, 32, PerAxis(3, 3), PerAxis(1), PerAxis(0, 2)),
  (2, 6, 7, 9, 5, PerAxis(2, 5), PerAxis(3), PerAxis(3, 1)),
].compactMap { N, C, H, W, K, window, strides, paddings in
  ConvShape(
    checking: N, C: C, H: H, W: W, K: K, window: window, strides: strides, paddings: paddings)
}

/// A filter for each channel, groups of a few, strides and dilations that are not the same in both
/// directions; whole strips of pixels, ends of them, and windows that no pixel holds wholly.
let groupedShapes: [ConvShape] = [
  (2, 5, 7, 6, 5, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 5),
  (1, 16, 9, 13, 16, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 16),
  (2, 40, 8, 11, 40, PerAxis(5), PerAxis(2), PerAxis(2), PerAxis(1), 40),
  (1, 37, 12, 10, 37, PerAxis(3, 2), PerAxis(1, 2), PerAxis(2, 0), PerAxis(2, 3), 37),
  (1, 32, 3, 3, 32, PerAxis(7), PerAxis(1), PerAxis(3), PerAxis(1), 32),
  (3, 6, 5, 7, 9, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 3),
  (1, 64, 6, 5, 32, PerAxis(3), PerAxis(2), PerAxis(1), PerAxis(1), 4),
  (2, 8, 5, 5, 16, PerAxis(1), PerAxis(1), PerAxis(0), PerAxis(1), 2),
  (1, 12, 9, 8, 7, PerAxis(3), PerAxis(1, 2), PerAxis(2), PerAxis(2), 1),
  (2, 3, 11, 9, 6, PerAxis(3), PerAxis(2, 1), PerAxis(1), PerAxis(2, 1), 1),
  (1, 2, 9, 9, 3, PerAxis(2, 3), PerAxis(1), PerAxis(0, 2), PerAxis(1, 3), 1),
].compactMap { N, C, H, W, K, window, strides, paddings, dilations, groups in
  ConvShape(
    checking: N, C: C, H: H, W: W, K: K, window: window, strides: strides, paddings: paddings,
    dilations: dilations, groups: groups)
}

/// Random whole numbers for one convolution; every sum of products of them is exact in float32.
struct ConvData {
  let shape: ConvShape
  var input, filters, bias, residual, outputGradient: [Float]

  init(_ shape: ConvShape, integers: Bool = true) {
    var random = SeededRandom(seed: UInt64(shape.macs.count))
    func draw(_ count: Int) -> [Float] {
      integers ? random.integers(count) : random.floats(count)
    }
    self.shape = shape
    input = draw(shape.inputCount)
    filters = draw(shape.filterCount)
    bias = draw(shape.K)
    residual = draw(shape.outputCount)
    outputGradient = draw(shape.outputCount)
  }
}

/// Forward through one algorithm; memory outside the workspace starts as NaN.
func forward(
  _ algorithm: ConvAlgorithm, _ data: ConvData, epilogue: Epilogue = Epilogue(),
  usesBias: Bool = true, inPlaceResidual: Bool = false, pool: ThreadPool
) -> [Float] {
  let shape = data.shape
  let (filters, bias) = (Tensor(data.filters), Tensor(data.bias))
  let compiled = algorithm.compile(
    shape, filters: filters.input, bias: usesBias ? bias.input : nil, epilogue: epilogue,
    threads: pool.threads)
  let (input, residual) = (Tensor(data.input), Tensor(data.residual))
  let output =
    inPlaceResidual
    ? Tensor(data.residual) : Tensor(count: shape.outputCount, filledWith: .nan)
  let workspace = Tensor(count: compiled.workspaceCount, filledWith: .nan)
  let added =
    epilogue.addsResidual ? (inPlaceResidual ? output.input : residual.input) : nil
  compiled.run(
    ConvOperands(
      input: input.input, residual: added, output: output.pointer, workspace: workspace.pointer),
    pool: pool)
  return output.values
}

/// Backward-data through one algorithm, onto `start` if given.
func backwardData(
  _ algorithm: ConvAlgorithm, _ data: ConvData, onto start: [Float]? = nil, pool: ThreadPool
) -> [Float] {
  let shape = data.shape
  let compiled = algorithm.compileBackwardData(shape, threads: pool.threads)
  let (filters, gradient) = (Tensor(data.filters), Tensor(data.outputGradient))
  let result = Tensor(start ?? [Float](repeating: .nan, count: shape.inputCount))
  let workspace = Tensor(count: compiled.workspaceCount, filledWith: .nan)
  compiled.run(
    BackwardDataOperands(
      outputGradient: gradient.input, filters: filters.input, inputGradient: result.pointer,
      accumulates: start != nil, workspace: workspace.pointer),
    pool: pool)
  return result.values
}

/// Backward-weights through one algorithm.
func backwardWeights(
  _ algorithm: ConvAlgorithm, _ data: ConvData, pool: ThreadPool, caches: CacheSizes = .current
) -> [Float] {
  let shape = data.shape
  let compiled = algorithm.compileBackwardWeights(shape, threads: pool.threads, caches: caches)
  let (input, gradient) = (Tensor(data.input), Tensor(data.outputGradient))
  let result = Tensor(count: shape.filterCount, filledWith: .nan)
  let workspace = Tensor(count: compiled.workspaceCount, filledWith: .nan)
  compiled.run(
    BackwardWeightsOperands(
      input: input.input, outputGradient: gradient.input, filterGradient: result.pointer,
      workspace: workspace.pointer),
    pool: pool)
  return result.values
}

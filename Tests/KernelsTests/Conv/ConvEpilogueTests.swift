import Kernels
import TestSupport
import Testing

@Suite("Activations behind convolutions")
struct ConvEpilogueTests {
  /// Functions that depthwise convolution computes in registers, and such as follow its rows.
  static let functions: [PointwiseFunction] = [
    .clip(least: -1.5, most: 6), .swish(scale: 1), .swish(scale: 1.5), .hardSwish, .sigmoid,
    .gelu, .leaky(slope: 0.1), .softplus,
  ]

  static let algorithms = ConvAlgorithm.allCases.filter { $0 != .reference }

  private func apply(_ function: PointwiseFunction, _ values: [Float]) -> [Float] {
    var result = [Float](repeating: .nan, count: values.count)
    Elementwise.apply(
      function, .f32, count: values.count, input: values, output: &result,
      pool: ThreadPool(threads: 1))
    return result
  }

  @Test(
    "They give what a pass of their own would",
    arguments: algorithms,
    oddConvShapes + groupedShapes + ConvDirectTests.blockShapes + WinogradTests.shapes)
  func equalsTwoPasses(algorithm: ConvAlgorithm, shape: ConvShape) {
    guard algorithm.supports(shape) else { return }
    let data = ConvData(shape)
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      for addsResidual in [false, true] {
        let sums = forward(
          algorithm, data, epilogue: Epilogue(addsResidual: addsResidual),
          inPlaceResidual: addsResidual, pool: pool)
        for function in Self.functions {
          let own = forward(
            algorithm, data,
            epilogue: Epilogue(addsResidual: addsResidual, activation: function),
            inPlaceResidual: addsResidual, pool: pool)
          #expect(own == apply(function, sums), "\(function)")
        }
      }
    }
  }

  @Test("Nothing but the function happens without a bias", arguments: functions)
  func withoutBias(function: PointwiseFunction) {
    let data = ConvData(ConvShape(N: 2, C: 5, H: 4, W: 3, K: 7, R: 1, S: 1))
    let pool = ThreadPool(threads: 2)
    for algorithm in [ConvAlgorithm.im2col, .direct] {
      let sums = forward(algorithm, data, usesBias: false, pool: pool)
      let own = forward(
        algorithm, data, epilogue: Epilogue(activation: function), usesBias: false, pool: pool)
      #expect(own == apply(function, sums))
    }
  }

  /// Whole numbers, so that the sums are exact and only the functions' own errors are left.
  @Test(
    "They stay within their errors of the reference",
    arguments: ConvAlgorithm.directlySumming + [.winograd2x3], functions)
  func bounded(algorithm: ConvAlgorithm, function: PointwiseFunction) {
    let pool = ThreadPool(threads: 2)
    for shape in groupedShapes + WinogradTests.shapes where algorithm.supports(shape) {
      let data = ConvData(shape)
      for epilogue in [
        Epilogue(activation: function), Epilogue(addsResidual: true, activation: function),
      ] {
        let error = relativeError(
          forward(algorithm, data, epilogue: epilogue, pool: pool),
          forward(.reference, data, epilogue: epilogue, pool: pool))
        #expect(error < 2e-6, "\(shape)")
      }
    }
  }

  /// Whole panels and ragged ones, whole tiles and parts, a filter a channel.
  static let wideShapes: [ConvShape] =
    groupedShapes.filter(\.isDepthwise) + [
      ConvShape(N: 2, C: 17, H: 7, W: 11, K: 150, R: 3, S: 3, padding: 1),
      ConvShape(N: 1, C: 16, H: 9, W: 10, K: 32, R: 3, S: 3, padding: 1),
      ConvShape(N: 70, C: 9, H: 1, W: 1, K: 13, R: 1, S: 1),
    ]

  @Test(
    "Between the pixels of a wider tensor nothing is touched",
    arguments: ConvAlgorithm.allCases, [PointwiseFunction.swish(scale: 1), .gelu])
  func wideRows(algorithm: ConvAlgorithm, function: PointwiseFunction) {
    let epilogue = Epilogue(activation: function)
    for shape in Self.wideShapes where algorithm.supports(shape) {
      let (data, pitch, pool) = (ConvData(shape), shape.K + 5, ThreadPool(threads: 2))
      let (filters, bias) = (Tensor(data.filters), Tensor(data.bias))
      let compiled = algorithm.compile(
        shape, filters: filters.input, bias: bias.input, epilogue: epilogue, threads: 2)
      let pixels = shape.outputCount / shape.K
      let (input, output) = (Tensor(data.input), Tensor(count: pixels * pitch, filledWith: 77))
      let workspace = Tensor(count: compiled.workspaceCount, filledWith: .nan)
      compiled.run(
        ConvOperands(
          input: input.input, output: output.pointer, pitch: pitch,
          workspace: workspace.pointer),
        pool: pool)
      let narrow = forward(algorithm, data, epilogue: epilogue, pool: pool)
      let expected = (0..<pixels * pitch).map { index in
        let channel = index % pitch
        return channel < shape.K ? narrow[index / pitch * shape.K + channel] : 77
      }
      #expect(output.values == expected, "\(shape)")
    }
  }
}

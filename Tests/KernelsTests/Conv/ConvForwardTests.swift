import Kernels
import TestSupport
import Testing

@Suite("Convolution forward")
struct ConvForwardTests {
  static let epilogues = [
    Epilogue(), Epilogue(activation: .relu), Epilogue(addsResidual: true),
    Epilogue(addsResidual: true, activation: .relu),
    Epilogue(activation: .clip(least: -2, most: 6)),
    Epilogue(addsResidual: true, activation: .clip(least: 0, most: 6)),
  ]

  @Test(
    "The reference equals the seven loops written out with every index",
    arguments: oddConvShapes + groupedShapes)
  func referenceIsTheTextbook(shape: ConvShape) {
    let data = ConvData(shape)
    let pool = ThreadPool(threads: 2)
    var expected = [Float]()
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for k in 0..<shape.K {
            var sum = data.bias[k]
            let channels = shape.C / shape.groups
            let first = k / (shape.K / shape.groups) * channels
            for r in 0..<shape.R {
              for s in 0..<shape.S {
                for c in 0..<channels {
                  let (h, w) = (
                    p * shape.strides.vertical + r * shape.dilations.vertical
                      - shape.paddings.vertical,
                    q * shape.strides.horizontal + s * shape.dilations.horizontal
                      - shape.paddings.horizontal
                  )
                  guard (0..<shape.H).contains(h), (0..<shape.W).contains(w) else { continue }
                  sum +=
                    data.input[((n * shape.H + h) * shape.W + w) * shape.C + first + c]
                    * data.filters[((k * shape.R + r) * shape.S + s) * channels + c]
                }
              }
            }
            expected.append(sum)
          }
        }
      }
    }
    #expect(forward(.reference, data, pool: pool) == expected)
  }

  @Test(
    "Each algorithm equals the reference exactly on small integers",
    arguments: ConvAlgorithm.directlySumming, oddConvShapes + groupedShapes)
  func exact(algorithm: ConvAlgorithm, shape: ConvShape) {
    guard algorithm.supports(shape) else { return }
    let data = ConvData(shape)
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      for epilogue in Self.epilogues {
        let expected = forward(.reference, data, epilogue: epilogue, pool: pool)
        #expect(forward(algorithm, data, epilogue: epilogue, pool: pool) == expected)
        if epilogue.addsResidual {
          let inPlace = forward(
            algorithm, data, epilogue: epilogue, inPlaceResidual: true, pool: pool)
          #expect(inPlace == expected, "residual in place")
        }
      }
      let plain = forward(.reference, data, usesBias: false, pool: pool)
      #expect(forward(algorithm, data, usesBias: false, pool: pool) == plain, "no bias")
    }
  }

  @Test("Lowering in several blocks changes nothing", arguments: [1, 2])
  func blocks(threads: Int) {
    // 3 · 28 · 28 rows of 1152 floats are more than two blocks a worker, and end in a tail.
    let shape = ConvShape(N: 3, C: 128, H: 28, W: 28, K: 8, R: 3, S: 3, padding: 1)
    let data = ConvData(shape)
    let pool = ThreadPool(threads: threads)
    let compiled = data.filters.withUnsafeBufferPointer { filters in
      filters.baseAddress.map {
        ConvAlgorithm.im2col.compile(shape, filters: $0, bias: nil, threads: threads)
      }
    }
    #expect(
      (compiled?.workspaceCount ?? .max) < shape.outputCount * shape.R * shape.S * shape.C / 8)
    #expect(forward(.im2col, data, pool: pool) == forward(.reference, data, pool: pool))
  }

  @Test("im2col stays within its bound on random floats")
  func bounded() {
    let pool = ThreadPool(threads: 2)
    let shape = ConvShape(N: 1, C: 96, H: 14, W: 14, K: 64, R: 3, S: 3, padding: 1)
    let data = ConvData(shape, integers: false)
    let error = relativeError(
      forward(.im2col, data, pool: pool), forward(.reference, data, pool: pool))
    #expect(error < 2e-6)
    #expect(error > 0, "float32 sums of 864 random products agree with float64 to the last bit")
  }

  @Test(
    "Activations keep NaN, so that a broken sum stays visible",
    arguments: [PointwiseFunction.relu, .clip(least: 0, most: 6), .swish(scale: 1)])
  func keepsNaN(activation: PointwiseFunction) {
    var data = ConvData(ConvShape(N: 1, C: 8, H: 2, W: 2, K: 16, R: 1, S: 1))
    data.input[0] = .nan
    let pool = ThreadPool(threads: 1)
    for algorithm in [ConvAlgorithm.reference, .im2col] {
      let output = forward(
        algorithm, data, epilogue: Epilogue(activation: activation), pool: pool)
      #expect(output.map(\.isNaN) == (0..<64).map { $0 < 16 })
    }
  }

  @Test("Loading new filters replaces the old", arguments: ConvAlgorithm.directlySumming)
  func load(algorithm: ConvAlgorithm) {
    let shape = ConvShape(N: 1, C: 16, H: 6, W: 6, K: 16, R: 3, S: 3, padding: 1)
    guard algorithm.supports(shape) else { return }
    let pool = ThreadPool(threads: 2)
    let data = ConvData(shape)
    let (zeros, filters, bias) = (
      Tensor(count: shape.filterCount), Tensor(data.filters), Tensor(data.bias)
    )
    let compiled = algorithm.compile(shape, filters: zeros.input, bias: nil, threads: 2)
    compiled.load(filters: filters.input, bias: bias.input, pool: pool)
    let (input, output) = (Tensor(data.input), Tensor(count: shape.outputCount))
    let workspace = Tensor(count: compiled.workspaceCount)
    compiled.run(
      ConvOperands(input: input.input, output: output.pointer, workspace: workspace.pointer),
      pool: pool)
    #expect(output.values == forward(.reference, data, pool: pool))
  }
}

extension ConvAlgorithm {
  /// The algorithms that only multiply inputs by filters and add, so are exact on small integers.
  static let directlySumming = allCases.filter(\.isExactOnIntegers)
}

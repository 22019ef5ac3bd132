import Basics
import Kernels
import TestSupport
import Testing

@Suite("Convolution backward")
struct ConvGradientTests {
  /// The forward pass is linear in input and in filters, so the gradient of `Σ output · g` has a
  /// central difference without truncation error: it is exact on integers.
  @Test(
    "The reference gradients equal finite differences of the forward pass",
    arguments: oddConvShapes
  )
  func finiteDifferences(shape: ConvShape) {
    let data = ConvData(shape)
    let pool = ThreadPool(threads: 2)
    let byInput = backwardData(.reference, data, pool: pool)
    let byFilters = backwardWeights(.reference, data, pool: pool)
    var random = SeededRandom(seed: 5)
    for _ in 0..<6 {
      let (i, j) = (
        Int.random(in: 0..<shape.inputCount, using: &random),
        Int.random(in: 0..<shape.filterCount, using: &random)
      )
      let input = difference(data, pool) { $0.input[i] += $1 }
      let filter = difference(data, pool) { $0.filters[j] += $1 }
      #expect(Double(byInput[i]) == input)
      #expect(Double(byFilters[j]) == filter)
    }
  }

  /// Zeros of the border are multiplied: 0 · ∞ is NaN, and nothing else becomes so.
  @Test(arguments: [1, 2], [0, 1, 2])
  func infiniteDerivativesMakeNaNOfTheBorder(step: Int, padding: Int) {
    let shape = ConvShape(
      N: 2, C: 5, H: 6, W: 7, K: 9, R: 3, S: 3, stride: step, padding: padding)
    var data = ConvData(shape)
    // No product of an infinity is NaN but those with the border.
    data.input = data.input.map { $0 == 0 ? 1 : $0 }
    data.outputGradient[4] = .infinity
    data.outputGradient[shape.outputCount - 1] = -.infinity
    let pool = ThreadPool(threads: 2)
    let expected = backwardWeights(.reference, data, pool: pool)
    let found = backwardWeights(.direct, data, pool: pool)
    for (value, right) in zip(found, expected) {
      #expect(value.isNaN ? right.isNaN : value == right)
    }
    let taps = shape.R * shape.S * shape.C
    #expect(expected[4 * taps].isNaN == (padding > 0))
    let spoilt = Set(expected.indices.filter { expected[$0].isNaN }.map { $0 / taps })
    #expect(spoilt.isSubset(of: [4, 8]))
    #expect(expected[4 * taps..<5 * taps].contains { $0 == .infinity || $0 == -.infinity })
  }

  /// `(L(x + 1) - L(x - 1)) / 2` for `L = Σ output · outputGradient` in float64.
  private func difference(
    _ data: ConvData, _ pool: ThreadPool, change: (inout ConvData, Float) -> Void
  ) -> Double {
    let losses = [Float(1), -1].map { step in
      var moved = data
      change(&moved, step)
      return zip(forward(.reference, moved, pool: pool), data.outputGradient)
        .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    return (losses[0] - losses[1]) / 2
  }

  @Test(
    "Each algorithm equals the reference exactly on small integers",
    arguments: ConvAlgorithm.directlySumming, oddConvShapes)
  func exact(algorithm: ConvAlgorithm, shape: ConvShape) {
    let data = ConvData(shape)
    var random = SeededRandom(seed: 9)
    let start = random.integers(shape.inputCount)
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      if algorithm.supportsBackwardData(shape) {
        #expect(
          backwardData(algorithm, data, pool: pool) == backwardData(.reference, data, pool: pool))
        #expect(
          backwardData(algorithm, data, onto: start, pool: pool)
            == backwardData(.reference, data, onto: start, pool: pool), "accumulating")
      }
      if algorithm.supports(shape) {
        #expect(
          backwardWeights(algorithm, data, pool: pool)
            == backwardWeights(.reference, data, pool: pool))
      }
    }
  }

  @Test(
    "Several blocks change nothing", arguments: [ConvAlgorithm.im2col, .direct], [1, 2])
  func blocks(algorithm: ConvAlgorithm, threads: Int) {
    let shape = ConvShape(N: 2, C: 128, H: 28, W: 28, K: 3, R: 3, S: 3, padding: 1)
    let data = ConvData(shape)
    let pool = ThreadPool(threads: threads)
    #expect(
      backwardData(algorithm, data, pool: pool) == backwardData(.reference, data, pool: pool))
    #expect(
      backwardWeights(algorithm, data, pool: pool)
        == backwardWeights(.reference, data, pool: pool))
  }

  @Test(
    "However the gradient is shared out and kept, it equals the reference",
    arguments: [
      // Large; many filters, a few over; few filters; input that is its own panel, of one or of several vectors.
      ConvShape(N: 3, C: 72, H: 9, W: 8, K: 260, R: 3, S: 3, padding: 1),
      ConvShape(N: 1, C: 24, H: 20, W: 19, K: 521, R: 1, S: 1),
      ConvShape(N: 1, C: 96, H: 17, W: 19, K: 40, R: 3, S: 3, padding: 1),
      ConvShape(N: 2, C: 64, H: 19, W: 14, K: 272, R: 1, S: 1),
      ConvShape(N: 1, C: 16, H: 13, W: 14, K: 48, R: 1, S: 1),
    ])
  func sharedGradient(shape: ConvShape) {
    let data = ConvData(shape)
    let expected = backwardWeights(.reference, data, pool: ThreadPool(threads: 1))
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      for l2 in [1, 1 << 19, 1 << 24] {
        let caches = CacheSizes(l1: 32 << 10, l2: l2, l3: 0)
        #expect(
          backwardWeights(.direct, data, pool: pool, caches: caches) == expected,
          "\(threads) threads, \(l2) bytes")
      }
    }
  }

  @Test(
    "Winograd's backward-data stays within its bound",
    arguments: [ConvAlgorithm.winograd2x3, .winograd4x3], [0, 1, 2])
  func winograd(algorithm: ConvAlgorithm, padding: Int) {
    let shape = ConvShape(N: 2, C: 32, H: 13, W: 9, K: 48, R: 3, S: 3, padding: padding)
    let data = ConvData(shape, integers: false)
    for threads in [1, 2] {
      let pool = ThreadPool(threads: threads)
      for start in [nil, data.input] {
        let error = relativeError(
          backwardData(algorithm, data, onto: start, pool: pool),
          backwardData(.reference, data, onto: start, pool: pool))
        #expect(error < (algorithm == .winograd2x3 ? 1e-6 : 1e-5))
      }
    }
  }

  @Test(
    "Winograd's backward-weights stays within its bound, whatever is in a cache",
    arguments: [ConvAlgorithm.winograd2x3, .winograd4x3],
    [
      ConvShape(N: 2, C: 32, H: 13, W: 9, K: 48, R: 3, S: 3, padding: 1),
      ConvShape(N: 3, C: 16, H: 28, W: 28, K: 16, R: 3, S: 3, padding: 0),
      ConvShape(N: 1, C: 80, H: 7, W: 7, K: 112, R: 3, S: 3, padding: 2),
      ConvShape(N: 2, C: 144, H: 14, W: 15, K: 160, R: 3, S: 3, padding: 1),
      ConvShape(N: 1, C: 16, H: 3, W: 3, K: 16, R: 3, S: 3, padding: 1),
    ])
  func winogradWeights(algorithm: ConvAlgorithm, shape: ConvShape) {
    let data = ConvData(shape, integers: false)
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      let gradient = backwardWeights(algorithm, data, pool: pool)
      let error = relativeError(gradient, backwardWeights(.reference, data, pool: pool))
      #expect(error < (algorithm == .winograd2x3 ? 2e-6 : 1e-5))
      #expect(backwardWeights(algorithm, data, pool: pool) == gradient)
      // Small enough for several blocks, and for sums that are shared out.
      for caches in [
        CacheSizes(l1: 4096, l2: 1 << 18, l3: 0), .init(l1: 4096, l2: 1, l3: 1 << 18),
      ] {
        let blocked = backwardWeights(algorithm, data, pool: pool, caches: caches)
        #expect(relativeError(blocked, gradient) < (algorithm == .winograd2x3 ? 2e-6 : 1e-5))
      }
    }
  }

  @Test("im2col gradients stay within their bound on random floats and repeat bit for bit")
  func bounded() {
    let pool = ThreadPool(threads: 2)
    let shape = ConvShape(N: 2, C: 24, H: 15, W: 14, K: 40, R: 3, S: 3, stride: 2, padding: 1)
    let data = ConvData(shape, integers: false)
    let (byInput, byFilters) = (
      backwardData(.im2col, data, pool: pool), backwardWeights(.im2col, data, pool: pool)
    )
    #expect(relativeError(byInput, backwardData(.reference, data, pool: pool)) < 2e-6)
    #expect(relativeError(byFilters, backwardWeights(.reference, data, pool: pool)) < 2e-6)
    #expect(backwardData(.im2col, data, pool: pool) == byInput)
    #expect(backwardWeights(.im2col, data, pool: pool) == byFilters)
  }
}

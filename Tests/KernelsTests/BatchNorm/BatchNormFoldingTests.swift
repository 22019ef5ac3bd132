import Basics
import Kernels
import TestSupport
import Testing

@Suite("Batch-norm folding")
struct BatchNormFoldingTests {
  @Test("A folded convolution equals convolution, then normalisation")
  func folded() {
    let shape = ConvShape(N: 1, C: 7, H: 6, W: 5, K: 11, R: 3, S: 3, padding: 1)
    var random = SeededRandom(seed: 12)
    let data = ConvData(shape, integers: false)
    let (scale, offset) = (
      Tensor(random.floats(shape.K, in: -2...2)), Tensor(random.floats(shape.K))
    )
    let (mean, variance) = (
      Tensor(random.floats(shape.K)), Tensor(random.floats(shape.K, in: 0.1...3))
    )
    let pool = ThreadPool(threads: 2)
    for usesBias in [false, true] {
      let plain = forward(.reference, data, usesBias: usesBias, pool: pool)
      let expected = plain.enumerated().map { i, value in
        let k = i % shape.K
        let deviation = (Double(variance.values[k]) + 1e-5).squareRoot()
        let normal = (Double(value) - Double(mean.values[k])) / deviation
        return Float(normal * Double(scale.values[k]) + Double(offset.values[k]))
      }
      let filters = Tensor(data.filters)
      let bias = usesBias ? Tensor(data.bias) : Tensor(count: shape.K)
      FrozenBatchNorm(
        scale: scale.input, offset: offset.input, mean: mean.input, variance: variance.input
      ).fold(
        channels: shape.K, taps: shape.R * shape.S * shape.C, filters: filters.pointer,
        bias: bias.pointer)
      var folded = data
      (folded.filters, folded.bias) = (filters.values, bias.values)
      #expect(relativeError(forward(.reference, folded, pool: pool), expected) < 1e-6)
    }
  }
}

import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Hyperbolic tangent")
struct ActivationTanhTests {
  @Test("Both directions stay within a few roundings of float64", arguments: [1, 7, 1_024, 5_003])
  func bounded(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let pool = ThreadPool(threads: 3)
    let x = Tensor(random.floats(count).map { 8 * $0 })
    let (y, dy) = (Tensor(count: count, filledWith: .nan), Tensor(random.floats(count)))
    Activation.tanh(count: count, input: x.input, output: y.pointer, pool: pool)
    let expected = x.values.map { Foundation.tanh(Double($0)) }
    for (own, value) in zip(y.values, expected) {
      #expect(abs(Double(own) - value) <= 2.5e-7 * max(abs(value), 1e-30))
    }
    let dx = Tensor(count: count, filledWith: .nan)
    Activation.tanhBackward(
      count: count, output: y.input, outputGradient: dy.input, inputGradient: dx.pointer,
      pool: pool)
    for (index, own) in dx.values.enumerated() {
      let step = 1e-6
      let (above, below) = (
        Foundation.tanh(Double(x.values[index]) + step),
        Foundation.tanh(Double(x.values[index]) - step)
      )
      let difference = Double(dy.values[index]) * (above - below) / (2 * step)
      #expect(abs(Double(own) - difference) < 2e-6)
    }
  }

  @Test("In place, bounded far out, and NaN kept")
  func extremes() {
    let x = Tensor([-.infinity, -1e9, 0, 1e9, .nan])
    Activation.tanh(
      count: 5, input: x.input, output: x.pointer, pool: ThreadPool(threads: 1))
    #expect(Array(x.values.prefix(4)) == [-1, -1, 0, 1])
    #expect(x.values[4].isNaN)
  }
}

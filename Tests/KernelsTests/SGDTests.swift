import Basics
import Kernels
import TestSupport
import Testing

@Suite("SGD")
struct SGDTests {
  @Test("Three steps by hand: decay into the gradient, momentum without dampening")
  func byHand() {
    let sgd = SGD(learningRate: 0.5, momentum: 0.5, weightDecay: 0.25)
    let pool = ThreadPool(threads: 2)
    let (weights, direction) = (Tensor([8]), Tensor([0]))
    let gradient = Tensor([2])
    // g = 2 + 0.25 · 8 = 4, m = 4, w = 8 - 2 = 6
    sgd.update(
      count: 1, weights: weights.pointer, gradient: gradient.input, direction: direction.pointer,
      pool: pool)
    #expect(weights.values == [6] && direction.values == [4])
    // g = 2 + 1.5 = 3.5, m = 2 + 3.5 = 5.5, w = 6 - 2.75 = 3.25
    sgd.update(
      count: 1, weights: weights.pointer, gradient: gradient.input, direction: direction.pointer,
      pool: pool)
    #expect(weights.values == [3.25] && direction.values == [5.5])
  }

  @Test("The fast update equals the reference", arguments: [1, 9, 1_024, 10_007])
  func againstReference(count: Int) {
    var random = SeededRandom(seed: 3)
    let sgd = SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 5e-5)
    let pool = ThreadPool(threads: 3)
    let start = random.floats(count)
    let (weights, direction) = (Tensor(start), Tensor(count: count))
    let (expected, expectedDirection) = (Tensor(start), Tensor(count: count))
    for _ in 0..<5 {
      let gradient = Tensor(random.floats(count))
      sgd.update(
        count: count, weights: weights.pointer, gradient: gradient.input,
        direction: direction.pointer, pool: pool)
      sgd.updateReference(
        count: count, weights: expected.pointer, gradient: gradient.input,
        direction: expectedDirection.pointer)
    }
    #expect(relativeError(weights.values, expected.values) < 1e-6)
    #expect(relativeError(direction.values, expectedDirection.values) < 1e-6)
    #expect(weights.values != start)
  }
}

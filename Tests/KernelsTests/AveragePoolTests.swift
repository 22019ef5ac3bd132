import Basics
import Kernels
import TestSupport
import Testing

@Suite("Average pooling")
struct AveragePoolTests {
  static let shapes: [PoolShape] = [
    PoolShape(N: 1, C: 1, H: 1, W: 1, window: 1, stride: 1),
    PoolShape(N: 2, C: 37, H: 7, W: 5, window: 3, stride: 1, padding: 1),
    PoolShape(N: 1, C: 64, H: 8, W: 8, window: 3, stride: 1, padding: 1),
    PoolShape(N: 3, C: 5, H: 9, W: 11, window: 5, stride: 3),
    PoolShape(N: 1, C: 20, H: 6, W: 7, window: 4, stride: 2, padding: 2),
    PoolShape(N: 1, C: 3, H: 2, W: 2, window: 3, stride: 1, padding: 1),
  ]

  @Test("Borders count as zeros: a corner of ones has a mean of four ninths")
  func corners() {
    let shape = PoolShape(N: 1, C: 1, H: 3, W: 3, window: 3, stride: 1, padding: 1)
    let (ones, means) = (Tensor(count: 9, filledWith: 1), Tensor(count: 9))
    AveragePool.forward(
      shape, input: ones.input, output: means.pointer, pool: ThreadPool(threads: 1))
    let expected = [4, 6, 4, 6, 9, 6, 4, 6, 4].map { Float($0) / 9 }
    #expect(relativeError(means.values, expected) < 1e-6)
  }

  @Test("Forward and backward stay within a few roundings of the reference", arguments: shapes)
  func bounded(shape: PoolShape) {
    var random = SeededRandom(seed: 19)
    let x = Tensor(random.floats(shape.inputCount))
    let dy = Tensor(random.floats(shape.outputCount))
    let (expected, expectedGradient) = (
      Tensor(count: shape.outputCount), Tensor(count: shape.inputCount)
    )
    AveragePoolReference.forward(shape, input: x.input, output: expected.pointer)
    AveragePoolReference.backward(
      shape, outputGradient: dy.input, inputGradient: expectedGradient.pointer)
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      let pitch = shape.C + 3
      let y = Tensor(count: shape.outputCount / shape.C * pitch, filledWith: 7)
      let dx = Tensor(count: shape.inputCount, filledWith: .nan)
      AveragePool.forward(
        shape, input: x.input, output: y.pointer, pitch: pitch, pool: pool)
      AveragePool.backward(
        shape, outputGradient: dy.input, inputGradient: dx.pointer, pool: pool)
      let rows = y.values.enumerated().filter { $0.offset % pitch < shape.C }.map { $0.element }
      #expect(relativeError(rows, expected.values) < 2e-6)
      let beside = y.values.enumerated().filter { $0.offset % pitch >= shape.C }.map { $0.element }
      #expect(beside.allSatisfy { $0 == 7 }, "what lies beside the range is another branch's")
      #expect(relativeError(dx.values, expectedGradient.values) < 2e-6)
    }
  }

  /// The pool is linear: whole-number differences are its gradient up to float32 rounding.
  @Test("The reference gradient equals finite differences", arguments: shapes)
  func finiteDifferences(shape: PoolShape) {
    var random = SeededRandom(seed: 8)
    let x = random.integers(shape.inputCount)
    let dy = Tensor(random.integers(shape.outputCount))
    func loss(_ values: [Float]) -> Double {
      let (x, y) = (Tensor(values), Tensor(count: shape.outputCount))
      AveragePoolReference.forward(shape, input: x.input, output: y.pointer)
      return zip(y.values, dy.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let dx = Tensor(count: shape.inputCount)
    AveragePoolReference.backward(
      shape, outputGradient: dy.input, inputGradient: dx.pointer)
    for _ in 0..<10 {
      let i = Int.random(in: x.indices, using: &random)
      var (above, below) = (x, x)
      above[i] += 64
      below[i] -= 64
      #expect(abs(Double(dx.values[i]) - (loss(above) - loss(below)) / 128) < 1e-5)
    }
  }
}

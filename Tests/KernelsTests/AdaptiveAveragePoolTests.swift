import Basics
import Kernels
import TestSupport
import Testing

@Suite("Adaptive average pooling")
struct AdaptiveAveragePoolTests {
  static let shapes: [AdaptivePoolShape] = [
    .init(N: 1, C: 1, H: 1, W: 1), .init(N: 3, C: 37, H: 7, W: 7),
    .init(N: 1, C: 8, H: 13, W: 13, P: 6, Q: 6), .init(N: 2, C: 5, H: 1, W: 2, P: 6, Q: 6),
    .init(N: 1, C: 16, H: 6, W: 11, P: 4, Q: 3),
  ]

  @Test("Adaptive windows are PyTorch's: floor of the start, ceiling of the end")
  func windows() {
    let shape = AdaptivePoolShape(N: 1, C: 1, H: 13, W: 2, P: 6, Q: 6)
    let rows = (0..<6).map { shape.rows($0) }
    #expect(rows == [0..<3, 2..<5, 4..<7, 6..<9, 8..<11, 10..<13])
    #expect((0..<6).map { shape.columns($0) } == [0..<1, 0..<1, 0..<1, 1..<2, 1..<2, 1..<2])
  }

  @Test("Forward and backward stay within a few roundings of the reference", arguments: shapes)
  func bounded(shape: AdaptivePoolShape) {
    var random = SeededRandom(seed: 17)
    let x = Tensor(random.floats(shape.inputCount))
    let dy = Tensor(random.floats(shape.outputCount))
    let (expected, expectedGradient) = (
      Tensor(count: shape.outputCount), Tensor(count: shape.inputCount)
    )
    AdaptiveAveragePoolReference.forward(shape, input: x.input, output: expected.pointer)
    AdaptiveAveragePoolReference.backward(
      shape, outputGradient: dy.input, inputGradient: expectedGradient.pointer)
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      let y = Tensor(count: shape.outputCount, filledWith: .nan)
      let dx = Tensor(count: shape.inputCount, filledWith: .nan)
      AdaptiveAveragePool.forward(shape, input: x.input, output: y.pointer, pool: pool)
      AdaptiveAveragePool.backward(
        shape, outputGradient: dy.input, inputGradient: dx.pointer, pool: pool)
      #expect(relativeError(y.values, expected.values) < 2e-6)
      #expect(relativeError(dx.values, expectedGradient.values) < 2e-6)
    }
  }

  /// The pool is linear: whole-number differences are its gradient up to float32 rounding.
  @Test("The reference gradient equals finite differences", arguments: shapes)
  func finiteDifferences(shape: AdaptivePoolShape) {
    var random = SeededRandom(seed: 6)
    let x = random.integers(shape.inputCount)
    let dy = Tensor(random.integers(shape.outputCount))
    func loss(_ values: [Float]) -> Double {
      let (x, y) = (Tensor(values), Tensor(count: shape.outputCount))
      AdaptiveAveragePoolReference.forward(shape, input: x.input, output: y.pointer)
      return zip(y.values, dy.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let dx = Tensor(count: shape.inputCount)
    AdaptiveAveragePoolReference.backward(
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

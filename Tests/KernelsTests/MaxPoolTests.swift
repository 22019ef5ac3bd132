import Basics
import Kernels
import TestSupport
import Testing

@Suite("Maximum pooling")
struct MaxPoolTests {
  static let shapes = [
    PoolShape(N: 1, C: 1, H: 1, W: 1, window: 1, stride: 1),
    PoolShape(N: 2, C: 64, H: 12, W: 12, window: 3, stride: 2, padding: 1),
    PoolShape(N: 1, C: 5, H: 7, W: 11, window: 3, stride: 2),
    PoolShape(N: 3, C: 17, H: 5, W: 4, window: 2, stride: 2),
    PoolShape(N: 1, C: 33, H: 9, W: 6, window: 4, stride: 1, padding: 2),
    PoolShape(N: 1, C: 3, H: 8, W: 8, window: 2, stride: 3, padding: 1),
  ]

  private struct Positions {
    let pointer: UnsafeMutablePointer<UInt8>
    let count: Int
    init(_ count: Int) {
      (pointer, self.count) = (.allocate(capacity: count), count)
      pointer.initialize(repeating: 0xFF, count: count)
    }
    var values: [UInt8] { (0..<count).map { pointer[$0] } }
  }

  @Test("Forward and backward equal the reference", arguments: shapes)
  func exact(shape: PoolShape) {
    var random = SeededRandom(seed: 31)
    // Few distinct values, so that windows have ties, whose first has to win.
    let x = Tensor(random.integers(shape.inputCount, in: -2...2))
    let dy = Tensor(random.integers(shape.outputCount))
    let (positions, expectedPositions) = (
      Positions(shape.outputCount), Positions(shape.outputCount)
    )
    defer {
      positions.pointer.deallocate()
      expectedPositions.pointer.deallocate()
    }
    let (expected, expectedGradient) = (
      Tensor(count: shape.outputCount), Tensor(count: shape.inputCount)
    )
    MaxPoolReference.forward(
      shape, input: x.input, output: expected.pointer, positions: expectedPositions.pointer)
    MaxPoolReference.backward(
      shape, outputGradient: dy.input, positions: expectedPositions.pointer,
      inputGradient: expectedGradient.pointer)
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      let (y, plain) = (
        Tensor(count: shape.outputCount, filledWith: .nan),
        Tensor(count: shape.outputCount, filledWith: .nan)
      )
      MaxPool.forward(
        shape, input: x.input, output: y.pointer, positions: positions.pointer, pool: pool)
      MaxPool.forward(shape, input: x.input, output: plain.pointer, pool: pool)
      #expect(y.values == expected.values)
      #expect(plain.values == expected.values)
      #expect(positions.values == expectedPositions.values)
      let dx = Tensor(count: shape.inputCount, filledWith: .nan)
      MaxPool.backward(
        shape, outputGradient: dy.input, positions: positions.pointer, inputGradient: dx.pointer,
        pool: pool)
      #expect(dx.values == expectedGradient.values)
    }
  }

  /// All values differ by 2 or more, so a step of 1 moves no maximum to another place.
  @Test("The reference gradient equals finite differences", arguments: shapes)
  func finiteDifferences(shape: PoolShape) {
    var random = SeededRandom(seed: 6)
    let x = (0..<shape.inputCount).map { Float(4 * $0) }.shuffled(using: &random)
    let dy = Tensor(random.integers(shape.outputCount))
    let positions = Positions(shape.outputCount)
    defer { positions.pointer.deallocate() }
    func loss(_ values: [Float]) -> Double {
      let (x, y) = (Tensor(values), Tensor(count: shape.outputCount))
      MaxPoolReference.forward(
        shape, input: x.input, output: y.pointer, positions: positions.pointer)
      return zip(y.values, dy.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    _ = loss(x)
    let dx = Tensor(count: shape.inputCount)
    MaxPoolReference.backward(
      shape, outputGradient: dy.input, positions: positions.pointer, inputGradient: dx.pointer)
    for _ in 0..<20 {
      let i = Int.random(in: x.indices, using: &random)
      var (above, below) = (x, x)
      above[i] += 1
      below[i] -= 1
      #expect(Double(dx.values[i]) == (loss(above) - loss(below)) / 2)
    }
  }

  @Test("A NaN in a window wins, and infinities count as numbers")
  func special() {
    let shape = PoolShape(N: 1, C: 3, H: 2, W: 2, window: 2, stride: 2)
    let x = Tensor([1, -.infinity, .nan, 2, -.infinity, 5, .nan, -.infinity, 6, 3, -.infinity, 7])
    let pool = ThreadPool(threads: 1)
    let (y, expected) = (Tensor(count: 3), Tensor(count: 3))
    let positions = Positions(3)
    defer { positions.pointer.deallocate() }
    MaxPoolReference.forward(
      shape, input: x.input, output: expected.pointer, positions: positions.pointer)
    MaxPool.forward(shape, input: x.input, output: y.pointer, pool: pool)
    for values in [y.values, expected.values] {
      #expect(values[0].isNaN && values[1] == -.infinity && values[2].isNaN)
    }
  }
}

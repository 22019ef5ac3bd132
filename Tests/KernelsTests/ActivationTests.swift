import Basics
import Kernels
import TestSupport
import Testing

@Suite("Element-wise steps")
struct ActivationTests {
  static let counts = [1, 7, 16, 1_024, 5_003]

  @Test("ReLU, its backward and addition equal their references", arguments: counts)
  func exact(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let pool = ThreadPool(threads: 3)
    let (x, dy) = (Tensor(random.integers(count)), Tensor(random.integers(count)))
    let (y, expected) = (Tensor(count: count), Tensor(count: count))
    ActivationReference.relu(count: count, input: x.input, output: expected.pointer)
    Activation.relu(count: count, input: x.input, output: y.pointer, pool: pool)
    #expect(y.values == expected.values)
    #expect(y.values == x.values.map { max($0, 0) })

    let (dx, expectedGradient) = (Tensor(dy.values), Tensor(dy.values))
    ActivationReference.reluBackward(
      count: count, output: y.input, gradient: expectedGradient.pointer)
    Activation.reluBackward(count: count, output: y.input, gradient: dx.pointer, pool: pool)
    #expect(dx.values == expectedGradient.values)
    // The derivative by finite differences: ReLU of whole numbers moves by 1 above 0, and by 0
    // below; at 0 itself the gradient is defined as 0.
    let moved = zip(x.values, dy.values).map { $0 > 0 ? (max($0 + 1, 0) - max($0, 0)) * $1 : 0 }
    #expect(dx.values == moved)

    ActivationReference.add(count: count, addend: x.input, target: expected.pointer)
    Activation.add(count: count, addend: x.input, target: y.pointer, pool: pool)
    #expect(y.values == expected.values)
    #expect(y.values == x.values.map { $0 + max($0, 0) })
  }

  @Test("ReLU in place keeps NaN")
  func inPlace() {
    let pool = ThreadPool(threads: 2)
    let x = Tensor([-1, .nan, 2, -0.0])
    Activation.relu(count: 4, input: x.input, output: x.pointer, pool: pool)
    #expect(x.values[0] == 0 && x.values[1].isNaN && x.values[2] == 2 && x.values[3] == 0)
  }
}

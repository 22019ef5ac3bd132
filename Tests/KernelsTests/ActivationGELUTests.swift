import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Gradients of GELU")
struct ActivationGELUTests {
  @Test("Equal central differences of the definition", arguments: [false, true], [1, 9, 5_003])
  func differences(isByTanh: Bool, count: Int) throws {
    var random = SeededRandom(seed: UInt64(count))
    let function: PointwiseFunction = isByTanh ? .geluByTanh : .gelu
    let x = Tensor(random.floats(count).map { 7 * $0 })
    let gradient = random.floats(count)
    // In the place of the derivative by the output.
    let dx = Tensor(gradient)
    Activation.geluBackward(
      count: count, isByTanh: isByTanh, input: x.input, outputGradient: dx.input,
      inputGradient: dx.pointer, pool: ThreadPool(threads: 3))
    for (index, own) in dx.values.enumerated() {
      let (place, factor) = (Double(x.values[index]), Double(gradient[index]))
      let difference =
        (function.value(at: place + 1e-5) - function.value(at: place - 1e-5)) / 2e-5
      #expect(abs(Double(own) - factor * difference) < 3e-6)
      let slope = try #require(function.derivative(at: place))
      #expect(abs(slope - difference) < 1e-8)
    }
  }

  @Test("0 and 1 far out, and NaN kept", arguments: [false, true])
  func extremes(isByTanh: Bool) {
    let x = Tensor([-.infinity, -1e20, -30, 0, 30, 1e20, .infinity, .nan])
    let dx = Tensor([Float](repeating: 2, count: 8))
    Activation.geluBackward(
      count: 8, isByTanh: isByTanh, input: x.input, outputGradient: dx.input,
      inputGradient: dx.pointer, pool: ThreadPool(threads: 1))
    for (own, expected) in zip(dx.values, [0, 0, 0, 1, 2, 2, 2] as [Float]) {
      #expect(abs(own - expected) < 1e-6)
    }
    #expect(dx.values[7].isNaN)
  }

  @Test("No other function has a derivative")
  func others() {
    for function in [PointwiseFunction.sigmoid, .relu, .softplus] {
      #expect(function.derivative(at: 1) == nil)
    }
  }
}

import Basics
import Kernels
import Tensors

/// A step of an optimizer over all parameters at once; its moments are the state's own.
///
/// Reads the numbers of the step, the parameters, and the derivative by each; gives the parameters
/// after the step.
package struct ParameterUpdate: UpdateOperator {
  /// Which update it is.
  package var kind: Optimizer.Kind
  /// For each parameter, whether weight decay is for it.
  package var decays: [Bool]

  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let count = inputs.count / 2
    guard inputs.count % 2 == 1, count > 0, decays.count == count,
      inputs[0] == TensorType(.f32, [.fixed(Optimizer.numberCount)]),
      (1...count).allSatisfy({ inputs[$0] == inputs[$0 + count] })
    else {
      throw Problem(
        .malformed, "needs the numbers of a step, and a derivative for each parameter")
    }
    return Array(inputs[1...count])
  }

  /// A first step, before which all moments are 0.
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (count, numbers) = (inputs.count / 2, inputs[0].values)
    var factor = 1.0
    if numbers[9] > 0 {
      let squares = inputs[(1 + count)...].reduce(0.0) { sum, gradient in
        gradient.values.reduce(sum) { $0 + $1 * $1 }
      }
      factor = min(1, numbers[9] / (squares.squareRoot() + 1e-6))
    }
    return (1...count).map { index in
      let (weights, gradients) = (inputs[index].values, inputs[index + count].values)
      let decay = decays[index - 1] ? numbers[6] : 0
      let steps = zip(weights, gradients).map { weight, gradient in
        direction(numbers, weight, factor * gradient, decay)
      }
      let rate = numbers[0] * (kind == .lamb ? ratio(weights, steps) : 1)
      return ReferenceTensor(inputs[index].shape) { weights[$0] - rate * steps[$0] }
    }
  }

  /// What a weight goes back by, in steps of the rate.
  private func direction(
    _ numbers: [Double], _ weight: Double, _ gradient: Double, _ decay: Double
  ) -> Double {
    if kind == .sgd { return gradient + decay * weight }
    let given = gradient + (kind == .adam ? decay * weight : 0)
    let mean = numbers[2] * given * numbers[7]
    let root = (numbers[4] * given * given).squareRoot() * numbers[8]
    return mean / (root + numbers[5]) + (kind == .adam ? 0 : decay * weight)
  }

  /// How much longer weights are than steps; 1 where one of them is 0.
  private func ratio(_ weights: [Double], _ steps: [Double]) -> Double {
    let (first, second) = (
      weights.reduce(0) { $0 + $1 * $1 }, steps.reduce(0) { $0 + $1 * $1 }
    )
    return first > 0 && second > 0 ? (first / second).squareRoot() : 1
  }
}

import Basics
import Tensors

/// PyTorch's SGD over all parameters at once; the momenta are the state's own.
///
/// Reads learning rate, momentum and weight decay, the parameters, and the derivative by each;
/// gives the parameters after the step.
package struct MomentumDescent: UpdateOperator {
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let count = inputs.count / 2
    guard inputs.count % 2 == 1, count > 0, inputs[0] == TensorType(.f32, [3]),
      (1...count).allSatisfy({ inputs[$0] == inputs[$0 + count] })
    else { throw Problem(.malformed, "needs three numbers, and a derivative for each parameter") }
    return Array(inputs[1...count])
  }

  package var aliases: [Alias] { [] }

  /// A first step, before which all momenta are 0.
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (count, rate, decay) = (inputs.count / 2, inputs[0].values[0], inputs[0].values[2])
    return (1...count).map { index in
      ReferenceTensor(inputs[index].shape) { at in
        let weight = inputs[index].values[at]
        return weight - rate * (inputs[index + count].values[at] + decay * weight)
      }
    }
  }
}

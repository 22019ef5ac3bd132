import Basics
import Kernels
import Tensors

/// `γ·(x − mean) / √(variance + ε) + β`, per channel, by running statistics.
///
/// Reads the images and `γ β mean variance`; in training `TrainedBatchNormalization` takes its place.
package struct BatchNormalization: EpilogueOperator {
  /// PyTorch's default of ε.
  package static let defaultEpsilon = 1e-5
  /// ε, added to the variance before its root is taken.
  package var epsilon: Double
  package var epilogue = Epilogue()
  package var canAddResidual: Bool { false }

  package init(epsilon: Double = defaultEpsilon) { self.epsilon = epsilon }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(5, of: inputs)
    let channels = TensorType(.f32, [inputs[0].dimensions.last ?? 1])
    guard inputs[0].dimensions.count > 1, inputs[0].element == .f32,
      inputs.dropFirst().allSatisfy({ $0 == channels })
    else {
      throw Problem(.malformed, "\(inputs[0]) is not normalised by \(Array(inputs.dropFirst()))")
    }
    return [inputs[0]]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }
  package var canWriteRange: Bool { true }

  package func trainingForm(seed: UInt64) -> any Operator {
    TrainedBatchNormalization(epsilon: epsilon, epilogue: epilogue)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    let channels = inputs[0].shape.C
    return [
      ReferenceTensor(inputs[0].shape, on: pool) { index in
        let c = index % channels
        let deviation = (inputs[4].values[c] + epsilon).squareRoot()
        let value =
          (inputs[0].values[index] - inputs[3].values[c]) / deviation * inputs[1].values[c]
          + inputs[2].values[c]
        return epilogue.appliesReLU ? max(value, 0) : value
      }
    ]
  }
}

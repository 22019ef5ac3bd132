import Basics
import Graphs

/// What the layers of a training step multiply, and what lies between them.
package enum TrainingPrecision: String, CaseIterable, Sendable {
  /// float32 throughout.
  case f32
  /// Layers multiply bfloat16, with sums in float32; activations and their derivatives between them are
  /// bfloat16. Weights, statistics, losses and the update are float32.
  case bf16

  /// The graph of a step as it is computed.
  ///
  /// - Parameter step: In float32.
  /// - Returns: The same in this precision.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  func cast(_ step: Graph) throws(Problem) -> Graph {
    switch self {
    case .f32: return step
    case .bf16: return try step.castingStepToBFloat16()
    }
  }
}

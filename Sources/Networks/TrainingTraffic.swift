import Kernels

extension TrainingPlan {
  /// The fewest bytes that a unit of work can move: every operand read or written once.
  ///
  /// What an algorithm moves on top, such as a second pass over its input, is its own business and
  /// shows as distance from the roof.
  ///
  /// - Parameter index: Of a unit.
  /// - Returns: Bytes of one call.
  package func leastBytes(ofUnit index: Int) -> Int {
    let floats =
      switch kernels[index] {
      case .update: 5 * state.values.count
      case .pack: 2 * state.values.count
      case .loss: 2 * imageShape.N * classes
      case let kernel: kernel.leastFloats(units[index].conv)
      }
    return floats * MemoryLayout<Float>.stride
  }
}

extension TrainingKernel {
  /// Floats read and written by a kernel that belongs to a layer; a position is a quarter float.
  fileprivate func leastFloats(_ conv: ConvShape?) -> Int {
    let layer = conv.map { $0.inputCount + $0.filterCount + $0.outputCount } ?? 0
    switch self {
    case .filters, .backwardWeights: return layer
    case .backwardData(_, _, _, _, let accumulates):
      return layer + (accumulates ? conv?.inputCount ?? 0 : 0)
    case .norm(let norm): return norm.count * (norm.residual == nil ? 2 : 3)
    case .normBackward(let norm):
      // With a residual before ReLU: its output is read and the rectified gradient written back.
      return norm.count * (norm.residual != nil && norm.appliesReLU ? 5 : 3)
    case .maxPool(let shape, _, _, _), .maxPoolBackward(let shape, _, _, _):
      return shape.inputCount + shape.outputCount + shape.outputCount / 4
    case .averagePool(let shape, _, _), .averagePoolBackward(let shape, _, _):
      return shape.N * shape.C * (shape.H * shape.W + shape.P * shape.Q)
    case .dropout(_, _, _, let count): return 2 * count
    case .reluBackward(_, _, let count), .add(_, _, let count): return 3 * count
    case .biasGradient(let rows, let channels, _, _): return (rows + 1) * channels
    case .loss, .update, .pack: return 0
    }
  }
}

extension TrainingKernel.Norm {
  /// Activations that it normalises.
  fileprivate var count: Int { norm.rows * norm.channels }
}

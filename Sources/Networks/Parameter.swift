/// A named tensor of a network's weight file.
package struct Parameter: Hashable, Sendable {
  /// What the tensor is to its layer.
  package enum Role: Hashable, Sendable {
    /// Filters `K C R S`, or a matrix `outputs × inputs`.
    case filters
    /// Added to each output channel.
    case bias
    /// Batch-norm's scale γ.
    case normScale
    /// Batch-norm's shift β.
    case normShift
    /// Batch-norm's running mean.
    case runningMean
    /// Batch-norm's running variance.
    case runningVariance
  }

  /// torchvision's name, for example `layer1.0.bn1.running_mean`.
  package var name: String
  /// Length of each dimension, as torchvision has them.
  package var shape: [Int]
  /// What the tensor is to its layer.
  package var role: Role
  /// Index of the layer's node.
  package var node: Int

  /// Number of elements.
  package var count: Int { shape.reduce(1, *) }
  /// Whether training updates it by its gradient; running statistics are not counted.
  package var isTrainable: Bool { role != .runningMean && role != .runningVariance }
}

extension Network {
  /// Everything that a weight file must hold, in the order of the layers.
  package var parameters: [Parameter] {
    let shapes = shapes(batch: 1, inputSize: usualInputSize)
    var result: [Parameter] = []
    for (index, node) in nodes.enumerated() {
      func add(_ suffix: String, _ role: Parameter.Role, _ shape: [Int]) {
        result.append(
          Parameter(name: "\(node.name).\(suffix)", shape: shape, role: role, node: index))
      }
      guard let input = node.inputs.first.map({ shapes[$0] }) else { continue }
      switch node.layer {
      case .convolution(let filters, let window, _, _, let hasBias):
        add("weight", .filters, [filters, input.C, window, window])
        if hasBias { add("bias", .bias, [filters]) }
      case .linear(let outputs):
        add("weight", .filters, [outputs, input.count])
        add("bias", .bias, [outputs])
      case .batchNorm:
        add("weight", .normScale, [input.C])
        add("bias", .normShift, [input.C])
        add("running_mean", .runningMean, [input.C])
        add("running_var", .runningVariance, [input.C])
      default: break
      }
    }
    return result
  }

  /// Number of trainable parameters.
  package var parameterCount: Int {
    parameters.filter(\.isTrainable).reduce(0) { $0 + $1.count }
  }

  /// Bytes of all tensors of a weight file in float32.
  package var parameterBytes: Int { parameters.reduce(0) { $0 + 4 * $1.count } }
}

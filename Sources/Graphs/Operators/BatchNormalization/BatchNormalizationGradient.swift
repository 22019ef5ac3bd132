import Basics
import Tensors

/// The derivatives by what a trained batch-norm read.
///
/// Reads the images, the derivative by the output, `γ β`, the batch's statistics and, where a
/// residual was added before ReLU, the output, which tells where ReLU let through. Gives the
/// derivatives by images, `γ` and `β` and, in that case, by the residual.
package struct BatchNormalizationGradient: Operator {
  /// Whether ReLU followed.
  package var appliesReLU: Bool
  /// Whether the output tells where ReLU let through; else it follows from the images.
  package var readsOutput: Bool
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(readsOutput ? 6 : 5, of: inputs)
    guard inputs[1] == inputs[0], !readsOutput || inputs[5] == inputs[0] else {
      throw Problem(.malformed, "\(inputs[1]) is no derivative by what \(inputs[0]) became")
    }
    return [inputs[0], inputs[2], inputs[3]] + (readsOutput ? [inputs[1]] : [])
  }

  package var aliases: [Alias] {
    readsOutput
      ? [Alias(output: 3, input: 1, isRequired: true)] : [Alias(output: 0, input: 1)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (channels, rows) = (inputs[0].shape.C, Double(inputs[0].rows))
    let statistics = inputs[4].values
    func normal(_ index: Int) -> Double {
      let c = index % channels
      return (inputs[0].values[index] - statistics[c]) * statistics[channels + c]
    }
    let gradient = ReferenceTensor(inputs[0].shape) { index in
      let c = index % channels
      let isOpen =
        !appliesReLU
        || (readsOutput
          ? inputs[5].values[index] > 0
          : normal(index) * inputs[2].values[c] + inputs[3].values[c] > 0)
      return isOpen ? inputs[1].values[index] : 0
    }
    var byScale = [Double](repeating: 0, count: channels)
    var byShift = byScale
    for (index, value) in gradient.values.enumerated() {
      byScale[index % channels] += value * normal(index)
      byShift[index % channels] += value
    }
    let byImage = ReferenceTensor(inputs[0].shape) { index in
      let c = index % channels
      let centred = gradient.values[index] - (byShift[c] + normal(index) * byScale[c]) / rows
      return inputs[2].values[c] * statistics[channels + c] * centred
    }
    return [byImage, ReferenceTensor([channels], byScale), ReferenceTensor([channels], byShift)]
      + (readsOutput ? [gradient] : [])
  }
}

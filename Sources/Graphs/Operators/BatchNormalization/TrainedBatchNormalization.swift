import Basics
import Kernels
import Tensors

/// Batch normalisation by the batch's own statistics, with residual and ReLU behind it if asked.
///
/// Reads the images, `γ β`, the running mean and variance, and the residual of its epilogue. Gives
/// the result, the batch's mean and `1/√(variance + ε)`, and the running statistics moved on. Images and
/// residual may be bfloat16, as the result then is; all else stays float32.
package struct TrainedBatchNormalization: EpilogueOperator {
  /// Weight of the new batch in the running averages, PyTorch's default.
  static let momentum = 0.1

  /// ε, added to the variance before its root is taken.
  package var epsilon = BatchNormalization.defaultEpsilon
  package var epilogue = Epilogue()
  package var canAddResidual: Bool { true }
  package var isPerImage: Bool { false }
  /// Index of the residual among the inputs; nil without one.
  package var residualInput: Int? { epilogue.addsResidual ? 5 : nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(epilogue.addsResidual ? 6 : 5, of: inputs)
    var plain = Array(inputs.prefix(5))
    if plain[0].element == .bf16 { plain[0] = plain[0].floats }
    var output = try BatchNormalization().outputs(plain)
    output[0].element = inputs[0].element
    if let residualInput, inputs[residualInput] != inputs[0] {
      throw Problem(.malformed, "\(inputs[residualInput]) cannot be added to \(inputs[0])")
    }
    let channels = inputs[0].dimensions.last ?? 1
    return output + [TensorType(.f32, [2, channels]), inputs[3], inputs[4]]
  }

  package var aliases: [Alias] {
    [Alias(output: 2, input: 3, isRequired: true), Alias(output: 3, input: 4, isRequired: true)]
      + (residualInput.map { [Alias(output: 0, input: $0)] } ?? [])
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    var result = [Graph.Value?](repeating: nil, count: node.inputs.count)
    guard let output = gradients[0] else { return result }
    let op = BatchNormalizationGradient(
      appliesReLU: epilogue.appliesReLU, readsOutput: epilogue.appliesReLU && epilogue.addsResidual)
    let given = try tape.append(
      node.name, op,
      [node.inputs[0], output, node.inputs[1], node.inputs[2], node.outputs[1]]
        + (op.readsOutput ? [node.outputs[0]] : []))
    (result[0], result[1], result[2]) = (given[0], given[1], given[2])
    if let residualInput { result[residualInput] = op.readsOutput ? given[3] : output }
    return result
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (channels, rows) = (inputs[0].shape.C, Double(inputs[0].rows))
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double]())
    for (index, value) in inputs[0].values.enumerated() { sums[index % channels] += value }
    let means = sums.map { $0 / rows }
    squares = [Double](repeating: 0, count: channels)
    for (index, value) in inputs[0].values.enumerated() {
      let distance = value - means[index % channels]
      squares[index % channels] += distance * distance
    }
    let inverse = squares.map { 1 / ($0 / rows + epsilon).squareRoot() }
    let output = ReferenceTensor(inputs[0].shape) { index in
      let c = index % channels
      var value =
        (inputs[0].values[index] - means[c]) * inverse[c] * inputs[1].values[c]
        + inputs[2].values[c]
      if let residualInput { value += inputs[residualInput].values[index] }
      return epilogue.appliesReLU ? max(value, 0) : value
    }
    func moved(_ running: ReferenceTensor, _ now: [Double]) -> ReferenceTensor {
      ReferenceTensor([channels]) {
        running.values[$0] * (1 - Self.momentum) + Self.momentum * now[$0]
      }
    }
    return [
      output, ReferenceTensor([2, channels], means + inverse), moved(inputs[3], means),
      moved(inputs[4], squares.map { $0 / (rows - 1) }),
    ]
  }
}

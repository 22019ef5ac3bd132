import Basics
import Tensors

/// What lies behind an axis divided by its own spread, then scaled and shifted.
///
/// Reads the value, a scale of the dimensions from the axis on, and a shift of the same if there is
/// one. Gives the result and, where they are wanted, means and `1 / √(variance + ε)`.
package struct LayerNormalization: Operator {
  /// The first of the axes that are summed over.
  package var axis: Int
  /// Added to the variance.
  package var epsilon: Double
  /// Whether the mean is taken out; otherwise the mean of the squares stands for the variance.
  package var centres: Bool
  package var hasShift: Bool
  /// Whether means and factors are given too.
  package var givesStatistics: Bool

  package init(
    axis: Int, epsilon: Double, centres: Bool = true, hasShift: Bool = true,
    givesStatistics: Bool = false
  ) {
    (self.axis, self.epsilon, self.centres) = (axis, epsilon, centres)
    (self.hasShift, self.givesStatistics) = (hasShift, givesStatistics)
  }

  package var isPerImage: Bool { axis != 0 }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(hasShift ? 3 : 2, of: inputs)
    try requireFloats(inputs)
    try requireAxis(axis, of: inputs[0])
    let dimensions = inputs[0].dimensions
    for input in inputs.dropFirst() where input.dimensions != Array(dimensions[axis...]) {
      throw Problem(.malformed, "\(input) is not one number for each of \(dimensions[axis...])")
    }
    guard givesStatistics else { return [inputs[0]] }
    let rows = dimensions[..<axis] + dimensions[axis...].map { _ in 1 }
    return [inputs[0]] + [TensorType](repeating: TensorType(.f32, Array(rows)), count: 2)
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard !givesStatistics else {
      throw Problem(.malformed, "\(node.name): a norm that gives its statistics has no gradient")
    }
    guard let output = gradients[0] else {
      return [Graph.Value?](repeating: nil, count: node.inputs.count)
    }
    return try tape.append(
      node.name, LayerNormalizationGradient(norm: self), [node.inputs[0], node.inputs[1], output])
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let shape = inputs[0].shape
    let length = shape.dimensions[axis...].reduce(1, *)
    var (result, means, factors) = ([Double](), [Double](), [Double]())
    for start in stride(from: 0, to: shape.count, by: length) {
      let row = inputs[0].values[start..<start + length]
      let mean = centres ? row.reduce(0, +) / Double(length) : 0
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let factor = 1 / (variance + epsilon).squareRoot()
      means.append(mean)
      factors.append(factor)
      for (place, x) in row.enumerated() {
        let shift = hasShift ? inputs[2].values[place] : 0
        result.append((x - mean) * factor * inputs[1].values[place] + shift)
      }
    }
    let output = ReferenceTensor(shape, result)
    let rows = Shape(shape.dimensions[..<axis] + shape.dimensions[axis...].map { _ in 1 })
    guard givesStatistics, let rows else { return [output] }
    return [output, ReferenceTensor(rows, means), ReferenceTensor(rows, factors)]
  }
}

import Basics
import Tensors

/// The derivatives by what a layer norm read, from that by its output.
///
/// Reads the norm's input, its scale, and the derivative by its output; gives those by the input, by
/// the scale and, where there is one, by the shift.
package struct LayerNormalizationGradient: Operator {
  /// The norm.
  package var norm: LayerNormalization

  package var isPerImage: Bool { false }
  package var aliases: [Alias] { [Alias(output: 0, input: 2)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(3, of: inputs)
    var plain = norm
    (plain.hasShift, plain.givesStatistics) = (false, false)
    guard try plain.outputs(Array(inputs[..<2])) == [inputs[2]] else {
      throw Problem(.malformed, "the derivative by \(inputs[0]) is no \(inputs[2])")
    }
    return Array(inputs[..<2]) + (norm.hasShift ? [inputs[1]] : [])
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (shape, scale, gradient) = (inputs[0].shape, inputs[1].values, inputs[2].values)
    let length = scale.count
    var result = [Double](repeating: 0, count: shape.count)
    var (byScale, byShift) = (
      [Double](repeating: 0, count: length), [Double](repeating: 0, count: length)
    )
    for start in stride(from: 0, to: shape.count, by: length) {
      let row = inputs[0].values[start..<start + length]
      let mean = norm.centres ? row.reduce(0, +) / Double(length) : 0
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let factor = 1 / (variance + norm.epsilon).squareRoot()
      let whitened = row.map { ($0 - mean) * factor }
      var (sum, product) = (0.0, 0.0)
      for j in 0..<length {
        let slope = gradient[start + j]
        byScale[j] += slope * whitened[j]
        byShift[j] += slope
        sum += slope * scale[j]
        product += slope * scale[j] * whitened[j]
      }
      let least = norm.centres ? sum / Double(length) : 0
      for j in 0..<length {
        let rest = gradient[start + j] * scale[j] - least
        result[start + j] = factor * (rest - whitened[j] * product / Double(length))
      }
    }
    let shapes = inputs[1].shape
    return [ReferenceTensor(shape, result), ReferenceTensor(shapes, byScale)]
      + (norm.hasShift ? [ReferenceTensor(shapes, byShift)] : [])
  }
}

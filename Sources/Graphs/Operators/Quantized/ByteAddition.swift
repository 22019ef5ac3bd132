import Basics
import Kernels
import Tensors

/// The sum of two tensors of bytes, each of its own scale, as bytes of a third one.
package struct ByteAddition: Operator {
  /// What the bytes of both stand for.
  package let operands: [Quantization]
  /// What the bytes of the sum stand for, and which of them an activation leaves.
  package let total: QuantizedRange

  /// Names all three.
  package init(_ left: Quantization, _ right: Quantization, total: QuantizedRange) {
    (operands, self.total) = ([left, right], total)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs.map(\.quantization) == operands, inputs[0].dimensions == inputs[1].dimensions
    else { throw Problem(.malformed, "\(inputs[0]) and \(inputs[1]) cannot be added") }
    return [TensorType(total.quantization, inputs[0].dimensions)]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0), Alias(output: 0, input: 1)] }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let factors = operands.map {
      Quantization.factor(Double($0.scale) / Double(total.quantization.scale))
    }
    let zeros = operands.map { Float($0.zeroPoint) }
    return [
      ReferenceTensor(inputs[0].shape) { index in
        let (left, right) = (Float(inputs[0].values[index]), Float(inputs[1].values[index]))
        let first = (left - zeros[0]) * factors[0]
        return Double(total.byte(nearest: first.addingProduct(right - zeros[1], factors[1])))
      }
    ]
  }
}

extension Quantization {
  /// A product or quotient of scales in float32; the largest number where that overflows, as no steps
  /// times infinity were not a number.
  static func factor(_ value: Double) -> Float { min(Float(value), .greatestFiniteMagnitude) }
}

extension QuantizedRange {
  /// The byte that is nearest to so many steps from the zero point, within the bounds.
  ///
  /// - Parameter steps: Any number; NaN is the least.
  /// - Returns: Of two equally near the even step.
  func byte(nearest steps: Float) -> Int {
    let zero = Float(quantization.zeroPoint)
    let (bottom, top) = (Float(least) - zero, Float(most) - zero)
    let bounded = steps > bottom ? min(steps, top) : bottom
    return Int(bounded.rounded(.toNearestOrEven) + zero)
  }
}

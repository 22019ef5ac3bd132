import Basics
import Kernels
import Tensors

/// The same numbers in another type, fractions cut off where it has none; for inference.
///
/// Between float32 and bfloat16 they are rounded to nearest even, and widened exactly.
package struct ElementCast: Operator {
  package var element: DType

  /// The types that there are.
  static let types: [DType] = [.f32, .i64, .i32, .i8, .u8, .bool]

  package init(to element: DType) { self.element = element }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let isKnown = Self.types.contains(element) && Self.types.contains(inputs[0].element)
    guard isKnown || Set([element, inputs[0].element]) == [.f32, .bf16] else {
      throw Problem(.malformed, "\(inputs[0]) cannot become \(element)")
    }
    return [TensorType(element, inputs[0].dimensions)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[0].shape,
        inputs[0].values.map { value in
          switch element {
          case .bool: value == 0 ? 0 : 1
          case .i32: Double(Elementwise.whole(value) as Int32)
          case .i64: Double(Elementwise.whole(value) as Int64)
          case .i8: Double(Elementwise.whole(value) as Int8)
          case .u8: Double(Elementwise.whole(value) as UInt8)
          case .bf16: Double(BFloat16(Float(value)).value)
          default: value
          }
        })
    ]
  }
}

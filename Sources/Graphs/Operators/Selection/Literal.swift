import Basics
import Tensors

/// Values that are known before any run, of whatever type.
///
/// It reads nothing; a program puts its elements where they are read, once.
package struct Literal: Operator {
  /// The type of the elements, and their lengths, none of them the batch.
  package let type: TensorType
  /// The elements, little-endian and row-major.
  package let bytes: [UInt8]

  /// Joins a type and as many elements as it has.
  package init(_ type: TensorType, _ bytes: [UInt8]) { (self.type, self.bytes) = (type, bytes) }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(0, of: inputs)
    guard let shape = type.shape([:]), bytes.count == shape.count * type.element.byteCount else {
      throw Problem(.malformed, "\(bytes.count) bytes are no \(type)")
    }
    return [type]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = type.shape([:]) else { return [] }
    return bytes.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return [] }
      return [ReferenceTensor(shape) { type.element.number($0, in: first) }]
    }
  }
}

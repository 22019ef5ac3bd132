import Formats
import Programs
import Tensors

/// One output for all items, as a file has it.
package struct PredictedOutput {
  /// The output's name.
  package var name: String
  package var element: DType
  /// Lengths of one item's part, or of all where items have no parts of their own.
  package var dimensions: [Int]
  /// Whether each item has a part, one after the other.
  package var isBatched: Bool
  /// The elements, where they are floats.
  package var values: [Float] = []
  /// Their bytes, where they are none.
  package var bytes: [UInt8] = []

  /// Elements of one item.
  package var width: Int { dimensions.reduce(1, *) }

  /// Lengths, the items outermost.
  package var shape: [Int] {
    let count = element == .f32 ? values.count : bytes.count / element.byteCount
    return isBatched ? [count / max(width, 1)] + dimensions : dimensions
  }

  /// The elements as floats; whole numbers beyond 2^24 are rounded.
  package var numbers: [Float] {
    guard element != .f32 else { return values }
    return bytes.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return [] }
      return (0..<bytes.count / element.byteCount).map { Float(element.number($0, in: first)) }
    }
  }

  /// Takes in what a program gave last.
  ///
  /// - Parameters:
  ///   - program: Of the same model.
  ///   - index: Of its outputs.
  package mutating func append(from program: Program, _ index: Int) {
    if element == .f32 {
      values += program.values(index)
    } else {
      bytes += program.bytes(index)
    }
  }

  /// Writes a NumPy file of the output's own type.
  ///
  /// - Parameter path: Replaced when it exists.
  /// - Throws: `cannotWrite`.
  package func write(to path: String) throws {
    if element == .f32 {
      try NPYFile.write(Tensor(shape: shape, values: values), to: path)
    } else {
      try NPYFile.write(bytes, of: element.stored, shape: shape, to: path)
    }
  }
}

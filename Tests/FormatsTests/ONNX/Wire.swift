/// Protobuf messages put together by hand: what a writer of ours would never write.
enum Wire {
  /// A number, seven bits a byte.
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  /// A field that is a number.
  static func integer(_ number: UInt64, _ value: Int64) -> [UInt8] {
    varint(number << 3) + varint(UInt64(bitPattern: value))
  }

  /// A field that is text, a message or packed numbers.
  static func bytes(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(content.count)) + content
  }

  /// A field that is text.
  static func text(_ number: UInt64, _ text: String) -> [UInt8] { bytes(number, Array(text.utf8)) }

  /// The bytes of a float32.
  static func float(_ value: Float) -> [UInt8] { little(UInt64(value.bitPattern), 4) }

  /// The lowest bytes of a number, the lowest first.
  static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  /// A tensor of a type, of lengths, with some more fields.
  static func tensor(_ type: Int64, _ dimensions: [Int64], _ fields: [UInt8]...) -> [UInt8] {
    dimensions.flatMap { integer(1, $0) } + integer(2, type) + text(8, "t") + fields.joined()
  }

  /// A tensor whose elements lie in another file.
  static func external(_ dimensions: [Int64], _ entries: [(String, String)]) -> [UInt8] {
    tensor(
      1, dimensions, integer(14, 1),
      entries.flatMap { bytes(13, text(1, $0.0) + text(2, $0.1)) })
  }

  /// A model around the fields of its graph.
  static func model(graph: [UInt8]) -> [UInt8] {
    integer(1, 8) + bytes(7, graph) + bytes(8, integer(2, 17))
  }

  /// A model with one initializer.
  static func model(tensor: [UInt8]) -> [UInt8] { model(graph: bytes(5, tensor)) }
}

import Basics

/// A protobuf message in the making: fields in the order in which they are added.
///
/// Elements of tensors are not copied in; they are asked for when the message is written out.
struct ProtobufWriter {
  private enum Part {
    case bytes([UInt8])
    case elements(ModelFile.Tensor)
  }

  private var parts: [Part] = []
  /// Bytes of the message.
  private(set) var byteCount = 0

  /// Adds a number.
  mutating func add(_ number: Int, integer value: Int64) {
    append(Self.varint(UInt64(number << 3)) + Self.varint(UInt64(bitPattern: value)))
  }

  /// Adds a float32.
  mutating func add(_ number: Int, float value: Float) {
    let bits = value.bitPattern
    append(
      Self.varint(UInt64(number << 3 | 5))
        + (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) })
  }

  /// Adds bytes.
  mutating func add(_ number: Int, bytes: [UInt8]) {
    append(Self.varint(UInt64(number << 3 | 2)) + Self.varint(UInt64(bytes.count)) + bytes)
  }

  /// Adds text.
  mutating func add(_ number: Int, text: String) { add(number, bytes: Array(text.utf8)) }

  /// Adds text, unless it is empty.
  mutating func addUnlessEmpty(_ number: Int, text: String) {
    if !text.isEmpty { add(number, text: text) }
  }

  /// Adds a message.
  mutating func add(
    _ number: Int, message fill: (inout ProtobufWriter) throws(Problem) -> Void
  ) throws(Problem) {
    var message = ProtobufWriter()
    try fill(&message)
    append(Self.varint(UInt64(number << 3 | 2)) + Self.varint(UInt64(message.byteCount)))
    for part in message.parts {
      if case .bytes(let bytes) = part { append(bytes) } else { parts.append(part) }
    }
    byteCount += message.byteCount - message.ownCount
  }

  /// Adds a tensor's elements, little-endian.
  mutating func add(_ number: Int, elementsOf tensor: ModelFile.Tensor) {
    append(Self.varint(UInt64(number << 3 | 2)) + Self.varint(UInt64(tensor.byteCount)))
    parts.append(.elements(tensor))
    byteCount += tensor.byteCount
  }

  /// Hands the message over, piece by piece.
  func write(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for part in parts {
      switch part {
      case .bytes(let bytes): try bytes.withUnsafeBytes(body)
      case .elements(let tensor):
        let bytes = try tensor.bytes()
        precondition(bytes.count == tensor.byteCount, "\(tensor.name) has \(bytes.count) bytes")
        try bytes.withUnsafeBytes(body)
      }
    }
  }

  /// Bytes that are no tensor's elements.
  private var ownCount: Int {
    parts.reduce(0) { sum, part in
      if case .bytes(let bytes) = part { sum + bytes.count } else { sum }
    }
  }

  private mutating func append(_ bytes: [UInt8]) {
    byteCount += bytes.count
    if case .bytes(var last)? = parts.last {
      parts.removeLast()
      last += bytes
      parts.append(.bytes(last))
    } else {
      parts.append(.bytes(bytes))
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

import Basics

/// The fields of one protobuf message, in the order of the file, read without trusting a word of it.
///
/// Format: <https://protobuf.dev/programming-guides/encoding/>. Lengths are checked against what
/// surrounds them, so nothing reaches beyond its message; what is long stays a range of the file.
struct ProtobufReader {
  /// What a field holds.
  enum Content {
    /// A number of up to ten bytes, seven bits in each.
    case varint(UInt64)
    /// Four bytes.
    case fixed32(UInt32)
    /// Eight bytes.
    case fixed64(UInt64)
    /// Text, bytes, a message or packed numbers: a range of the file.
    case bytes(Range<Int>)
  }

  /// Where the bytes come from.
  let source: ProtobufSource
  /// What the message is, for sentences.
  let what: String
  private var position: Int
  private let end: Int
  private let depth: Int
  /// The number of the last field.
  private var number = 0

  /// Starts with a file's outermost message.
  init(_ source: ProtobufSource, what: String) {
    (self.source, self.what, depth) = (source, what, 1)
    (position, end) = (0, source.file.sizeBytes)
  }

  private init(_ source: ProtobufSource, _ range: Range<Int>, what: String, depth: Int) {
    (self.source, self.what, self.depth) = (source, what, depth)
    (position, end) = (range.lowerBound, range.upperBound)
  }

  /// The next field; nil at the end of the message.
  mutating func next() throws(Problem) -> (number: Int, content: Content)? {
    guard position < end else { return nil }
    try source.countField(at: position)
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw damaged("has a field without a number") }
    number = Int(tag >> 3)
    switch tag & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else {
        throw damaged("announces \(length) bytes where \(end - position) are left")
      }
      let start = position
      position += Int(length)
      return (number, .bytes(start..<position))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw damaged("has a field of a kind that no ONNX file has")
    }
  }

  /// A problem with this message.
  func damaged(_ reason: String) -> Problem {
    source.damaged("\(what) \(reason)", at: position)
  }

  private mutating func byte() throws(Problem) -> UInt8 {
    guard position < end else { throw damaged("ends in the middle of a number") }
    defer { position += 1 }
    return try source.byte(at: position)
  }

  private mutating func varint() throws(Problem) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw damaged("has a number beyond 64 bits")
  }

  private mutating func fixed(_ count: Int) throws(Problem) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(try byte()) << UInt64(8 * index) }
    return value
  }
}

/// What a field holds, as its number says that it should; each refuses what it is not.
extension ProtobufReader {
  /// A message.
  func message(_ content: Content, what: String) throws(Problem) -> ProtobufReader {
    let range = try range(content)
    guard depth < ProtobufSource.depthLimit else {
      throw damaged("is nested more than \(ProtobufSource.depthLimit) levels deep")
    }
    try source.countMessage(at: range.lowerBound)
    return ProtobufReader(source, range, what: what, depth: depth + 1)
  }

  /// A range of the file.
  func range(_ content: Content) throws(Problem) -> Range<Int> {
    guard case .bytes(let range) = content else { throw unfit }
    return range
  }

  /// Bytes.
  func bytes(_ content: Content) throws(Problem) -> [UInt8] {
    try source.bytes(range(content))
  }

  /// UTF-8 text.
  func text(_ content: Content) throws(Problem) -> String {
    guard let text = String(validating: try bytes(content), as: UTF8.self) else {
      throw damaged("has a text that is not UTF-8 in field \(number)")
    }
    return text
  }

  /// A whole number.
  func integer(_ content: Content) throws(Problem) -> Int64 {
    guard case .varint(let value) = content else { throw unfit }
    return Int64(bitPattern: value)
  }

  /// A float32.
  func float(_ content: Content) throws(Problem) -> Float {
    guard case .fixed32(let bits) = content else { throw unfit }
    return Float(bitPattern: bits)
  }

  /// One whole number, or many in one piece.
  func integers(_ content: Content) throws(Problem) -> [Int64] {
    var result: [Int64] = []
    try forEachNumber(content, width: nil) { bits throws(Problem) in
      try source.countField(at: position)
      result.append(Int64(bitPattern: bits))
      return true
    }
    return result
  }

  /// One float32, or many in one piece.
  func floats(_ content: Content) throws(Problem) -> [Float] {
    var result: [Float] = []
    try forEachNumber(content, width: 4) { bits throws(Problem) in
      try source.countField(at: position)
      result.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      return true
    }
    return result
  }

  /// Goes through one number, or many in one piece.
  ///
  /// - Parameters:
  ///   - content: The field's.
  ///   - width: Bytes of each; nil where it varies.
  ///   - body: Called with each number's bits; false ends it.
  /// - Throws: What is no such number, and what `body` throws.
  func forEachNumber(
    _ content: Content, width: Int?, _ body: (_ bits: UInt64) throws(Problem) -> Bool
  ) throws(Problem) {
    switch (content, width) {
    case (.varint(let bits), nil), (.fixed64(let bits), 8): _ = try body(bits)
    case (.fixed32(let bits), 4): _ = try body(UInt64(bits))
    case (.bytes(let range), _):
      guard range.count % (width ?? 1) == 0 else { throw unfit }
      var packed = ProtobufReader(source, range, what: what, depth: depth)
      while packed.position < packed.end {
        let bits = if let width { try packed.fixed(width) } else { try packed.varint() }
        guard try body(bits) else { return }
      }
    default: throw unfit
    }
  }

  private var unfit: Problem { damaged("has something else than it should in field \(number)") }
}

import Basics

/// A protobuf message in a file without the fields that hold most of it, which stay there.
///
/// Nearly all of a model are weights. Held back here, they are read when they are asked for and
/// never lie in memory twice; what is left is decoded by `MessageCoding`. Nothing but tags and
/// lengths is looked at, format: <https://protobuf.dev/programming-guides/encoding/>.
struct MessageOutline {
  /// Fields of one message that are read at most; the graph of a large language model has 10^5.
  static let fieldLimit = 1 << 20
  /// Bytes of the rest at most, as in other readers of protobuf: less than 2 GiB.
  static let restLimit = 1 << 31 - 1

  /// The message without the contents held back.
  private(set) var rest: [UInt8] = []
  /// Where each content that was held back lies in the file.
  private(set) var held: [Range<Int>] = []

  private let file: RegularFile
  private let end: Int
  private let what: String
  private var position: Int
  private var (window, windowStart) = ([UInt8](), 0)
  private static let windowBytes = 1 << 16

  /// Goes through the fields of a message.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - range: Where the message lies in it.
  ///   - number: The field that is held back, wherever it is a message or bytes.
  ///   - what: What the message is, for sentences.
  /// - Throws: Lengths beyond the message, fields of a kind that no ONNX file has, or too much of
  ///   anything.
  init(
    _ file: RegularFile, _ range: Range<Int>, holding number: UInt64, what: String
  ) throws(Problem) {
    (self.file, self.what) = (file, what)
    (position, end) = (range.lowerBound, range.upperBound)
    var (copied, fields) = (position, 0)
    while position < end {
      let start = position
      fields += 1
      guard fields <= Self.fieldLimit else {
        throw damaged("has more than \(Self.fieldLimit) fields")
      }
      let tag = try varint()
      guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw damaged("has a field without a number") }
      let content = try skip(tag & 7)
      guard tag == number << 3 | 2 else { continue }
      held.append(content)
      try copy(copied..<start)
      copied = position
    }
    try copy(copied..<end)
    window = []
  }

  /// A problem with the message.
  func damaged(_ reason: String) -> Problem {
    Problem(
      .malformed,
      "\(file.path): \(what) \(reason) (byte \(position)); export or fetch the model again")
  }

  /// Passes over what a field holds.
  private mutating func skip(_ kind: UInt64) throws(Problem) -> Range<Int> {
    let length: UInt64
    switch kind {
    case 0:
      _ = try varint()
      length = 0
    case 1: length = 8
    case 2: length = try varint()
    case 5: length = 4
    default: throw damaged("has a field of a kind that no ONNX file has")
    }
    guard length <= UInt64(end - position) else {
      throw damaged("announces \(length) bytes where \(end - position) are left")
    }
    let start = position
    position += Int(length)
    return start..<position
  }

  private mutating func copy(_ range: Range<Int>) throws(Problem) {
    guard !range.isEmpty else { return }
    guard rest.count + range.count <= Self.restLimit else {
      throw damaged("has \(Self.restLimit) bytes and more beside its weights")
    }
    rest += try file.bytes(at: range.lowerBound, count: range.count)
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

  private mutating func byte() throws(Problem) -> UInt8 {
    guard position < end else { throw damaged("ends in the middle of a number") }
    if position < windowStart || position >= windowStart + window.count {
      window = try file.bytes(at: position, count: min(Self.windowBytes, end - position))
      windowStart = position
    }
    defer { position += 1 }
    return window[position - windowStart]
  }
}

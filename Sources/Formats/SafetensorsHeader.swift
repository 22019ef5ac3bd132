/// The JSON header of a safetensors file, read strictly and without trusting a word of it.
///
/// Format: <https://github.com/huggingface/safetensors>, "Format": one object that maps tensor
/// names to `dtype`, `shape` and `data_offsets`, and `__metadata__` to an object of strings. What
/// `__metadata__` holds is passed over, so it may be any JSON.
struct SafetensorsHeader {
  /// One tensor's entry, as written.
  struct Entry: Equatable {
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  /// Why a header cannot be used; the caller adds the file's name.
  struct Problem: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// Entries by tensor name.
  private(set) var entries: [String: Entry] = [:]

  private var bytes: [UInt8]
  private var position = 0

  /// Parses a whole header.
  ///
  /// - Parameter bytes: UTF-8 JSON, may be followed by spaces.
  /// - Throws: A header that breaks the format's grammar, or names a tensor twice.
  init(parsing bytes: [UInt8]) throws(Problem) {
    self.bytes = bytes
    guard bytes.first == UInt8(ascii: "{") else { throw Problem("its header is not JSON") }
    try members { parser, name throws(Problem) in
      if name == "__metadata__" {
        try parser.skipValue(depth: 0)
      } else {
        guard parser.entries[name] == nil else {
          throw Problem("its header names tensor \(name) twice")
        }
        parser.entries[name] = try parser.entry(of: name)
      }
    }
    skipSpace()
    guard position == bytes.count else { throw Problem("its header has text after the JSON") }
    self.bytes = []
  }

  private mutating func entry(of name: String) throws(Problem) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try members { parser, key throws(Problem) in
      switch key {
      case "dtype" where type == nil: type = try parser.string()
      case "shape" where shape == nil: shape = try parser.integers(limit: 8)
      case "data_offsets" where offsets == nil: offsets = try parser.integers(limit: 2)
      default: throw Problem("tensor \(name) has an unknown or repeated key \(key)")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw Problem("tensor \(name) lacks dtype, shape or a pair of data_offsets")
    }
    return Entry(type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  /// The next byte that is not white space, consumed.
  private mutating func next() throws(Problem) -> UInt8 {
    skipSpace()
    guard position < bytes.count else { throw Problem("its header ends in the middle") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Problem) {
    guard try next() == UInt8(ascii: character) else {
      throw Problem("its header is not valid JSON at byte \(position - 1), expected \(character)")
    }
  }

  /// An object; `body` consumes each value.
  private mutating func members(
    _ body: (inout SafetensorsHeader, String) throws(Problem) -> Void
  ) throws(Problem) {
    try expect("{")
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      let key = try string()
      try expect(":")
      try body(&self, key)
      switch try next() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return
      default: throw Problem("its header is not valid JSON at byte \(position - 1)")
      }
    }
  }

  /// An array of at most `limit` whole numbers.
  private mutating func integers(limit: Int) throws(Problem) -> [Int] {
    try expect("[")
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return []
    }
    var result: [Int] = []
    while true {
      guard result.count < limit else { throw Problem("its header has an array too long") }
      result.append(try integer())
      switch try next() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return result
      default: throw Problem("its header is not valid JSON at byte \(position - 1)")
      }
    }
  }

  /// Any JSON value.
  private mutating func skipValue(depth: Int) throws(Problem) {
    guard depth < 64 else { throw Problem("its header is nested too deeply") }
    skipSpace()
    guard position < bytes.count else { throw Problem("its header ends in the middle") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      try members { inner, _ throws(Problem) in try inner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try skipArray(depth: depth)
    case UInt8(ascii: "\""): _ = try string()
    default:
      let start = position
      while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
      let word = String(decoding: bytes[start..<position], as: UTF8.self)
      guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
        throw Problem("its header is not valid JSON at byte \(start)")
      }
    }
  }

  private mutating func skipArray(depth: Int) throws(Problem) {
    try expect("[")
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return
    }
    while true {
      try skipValue(depth: depth + 1)
      switch try next() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return
      default: throw Problem("its header is not valid JSON at byte \(position - 1)")
      }
    }
  }

  /// Whether a byte can be of a number, or of `true`, `false` and `null`.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
      || "+-.".utf8.contains(byte)
  }

  private mutating func integer() throws(Problem) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflows, !carries else { throw Problem("its header has a number beyond 2^63") }
      value = sum
      position += 1
    }
    guard position > start else {
      throw Problem("its header has something else than a whole number at byte \(start)")
    }
    return value
  }

  private mutating func string() throws(Problem) -> String {
    try expect("\"")
    var units: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw Problem("its header has a string that is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &units)
      case 0..<0x20: throw Problem("its header has a control character in a string")
      default: units.append(byte)
      }
    }
    throw Problem("its header ends in a string")
  }

  private mutating func escape(into units: inout [UInt8]) throws(Problem) {
    guard position < bytes.count else { throw Problem("its header ends in a string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0C)
    case UInt8(ascii: "n"): units.append(0x0A)
    case UInt8(ascii: "r"): units.append(0x0D)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        code = 0x10000 + (code - 0xD800) << 10 + (try hexadecimal() &- 0xDC00) & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw Problem("its header has half a surrogate pair in a string")
      }
      units.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw Problem("its header has an unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws(Problem) -> UInt32 {
    guard position + 4 <= bytes.count,
      let text = String(validating: bytes[position..<position + 4], as: UTF8.self),
      text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16)
    else { throw Problem("its header has a damaged escape in a string") }
    position += 4
    return value
  }
}

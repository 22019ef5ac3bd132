import Basics

/// The bytes of a protobuf file, read through a small window, and what has been taken from them.
///
/// What a message becomes in memory can be a hundred times what it takes in a file, so messages and
/// fields are counted; ten times what the largest models have is refused.
final class ProtobufSource {
  /// The file.
  let file: RegularFile
  /// Messages that are read at most; a large language model has about 10^5.
  static let messageLimit = 1 << 20
  /// Fields that are read at most.
  static let fieldLimit = 1 << 24
  /// Messages inside one another that are read at most, as in other readers of protobuf.
  static let depthLimit = 100

  private static let windowBytes = 1 << 16
  private var window: [UInt8] = []
  private var windowStart = 0
  private var (messages, fields) = (0, 0)

  /// Starts at a file's beginning.
  init(_ file: RegularFile) { self.file = file }

  /// A problem with the file.
  ///
  /// - Parameters:
  ///   - reason: What is wrong, after the path.
  ///   - position: Where, in bytes from the start.
  /// - Returns: What to throw.
  func damaged(_ reason: String, at position: Int) -> Problem {
    Problem(
      .malformed,
      "\(file.path): \(reason) (byte \(position)); export or fetch the model again")
  }

  /// One byte, which must exist.
  func byte(at position: Int) throws(Problem) -> UInt8 {
    try load(position..<position + 1)
    return window[position - windowStart]
  }

  /// Some bytes, which must exist.
  func bytes(_ range: Range<Int>) throws(Problem) -> [UInt8] {
    guard range.count <= Self.windowBytes else {
      return try file.bytes(at: range.lowerBound, count: range.count)
    }
    try load(range)
    return Array(window[(range.lowerBound - windowStart)..<(range.upperBound - windowStart)])
  }

  /// Moves the window where it does not cover a range.
  private func load(_ range: Range<Int>) throws(Problem) {
    guard range.lowerBound < windowStart || range.upperBound > windowStart + window.count else {
      return
    }
    let count = min(Self.windowBytes, file.sizeBytes - range.lowerBound)
    window = try file.bytes(at: range.lowerBound, count: count)
    windowStart = range.lowerBound
  }

  /// Counts a message, and refuses one too many.
  func countMessage(at position: Int) throws(Problem) {
    messages += 1
    guard messages <= Self.messageLimit else {
      throw damaged("has more than \(Self.messageLimit) parts", at: position)
    }
  }

  /// Counts a field, and refuses one too many.
  func countField(at position: Int) throws(Problem) {
    fields += 1
    guard fields <= Self.fieldLimit else {
      throw damaged("has more than \(Self.fieldLimit) fields", at: position)
    }
  }
}

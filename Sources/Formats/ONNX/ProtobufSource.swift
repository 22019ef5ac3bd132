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
    if !(windowStart..<windowStart + window.count).contains(position) {
      window = try file.bytes(
        at: position, count: min(Self.windowBytes, file.sizeBytes - position))
      windowStart = position
    }
    return window[position - windowStart]
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

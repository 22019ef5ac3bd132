import Basics
import Foundation
import Harness
import Models

extension CaseID {
  /// The id with every condition of its options that is not the network's usual one.
  ///
  /// - Parameters:
  ///   - options: What the case is prepared with; a condition that the id has already must agree.
  ///   - network: Whose usual input size and classes are unwritten.
  /// - Returns: The id that this measurement, and no other, has.
  /// - Throws: `Problem` with code 64 for options that are no numbers or contradict the id.
  func settled(by options: CaseOptions, for network: Network) throws -> CaseID {
    var id = self
    let size = try agreed(inputSize, options.inputSize(), .inputSize)
    id.inputSize = size == network.usualInputSize ? nil : size
    // A weight file tells its own number of classes.
    let classes = try agreed(classes, options.classes(), .classes)
    id.classes = options[.weights] != nil || classes == Network.usualClasses ? nil : classes
    let count = try agreed(
      requests, options[.requests].map { _ in try options.requests() }, .requests)
    id.requests = count == 1 ? nil : count
    if isTuned, options[.tuning] == nil { throw lacking("tuned", .tuning) }
    id.isTuned = try options.tuning() != nil
    id.weights = try settledWeights(options)
    return id
  }

  /// The options with the conditions that only the id has.
  func completing(_ options: CaseOptions) -> CaseOptions {
    options.completed(with: [.inputSize: inputSize, .classes: classes, .requests: requests])
  }

  private func settledWeights(_ options: CaseOptions) throws -> String? {
    guard let path = options[.weights] else {
      if let weights { throw lacking("w-\(weights)", .weights) }
      return nil
    }
    let digest = WeightDigest.of(path)
    if let weights, let digest, weights != digest {
      throw Problem(
        .usage, "'\(self)': the weights of '\(path)' are w-\(digest), not those of the id.")
    }
    return digest ?? weights
  }

  private func agreed(_ own: Int?, _ option: Int?, _ key: CaseOptions.Key) throws -> Int? {
    if let own, let option, own != option {
      throw Problem(
        .usage, "'\(self)' and \(key.rawValue)=\(option) contradict each other.")
    }
    return own ?? option
  }

  private func lacking(_ part: String, _ key: CaseOptions.Key) -> Problem {
    Problem(.usage, "'\(self)': /\(part) needs \(key.rawValue)= with its file.")
  }
}

/// A short name of a weight file's content.
enum WeightDigest {
  /// Eight hexadecimal digits, equal for equal files; nil where the file cannot be read.
  static func of(_ path: String) -> String? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    else {
      return nil
    }
    var digest = UInt64(data.count)
    data.withUnsafeBytes { bytes in
      for start in stride(from: 0, through: data.count - 8, by: 8) {
        mix(bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self), into: &digest)
      }
      for byte in bytes.suffix(data.count % 8) { mix(UInt64(byte), into: &digest) }
    }
    let text = String(UInt32(truncatingIfNeeded: digest >> 32), radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }

  /// One step of a multiplicative hash, its high bits folded back so that they count as well.
  private static func mix(_ word: UInt64, into digest: inout UInt64) {
    digest = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
    digest ^= digest >> 29
  }
}

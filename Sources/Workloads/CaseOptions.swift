import Basics
import Harness
import Interchange
import Kernels

/// What a case's id does not say, as text from a `prepare` line.
package struct CaseOptions: Sendable {
  package typealias Key = CaseRequest.Key

  private let values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  subscript(key: Key) -> String? { values[key.rawValue] }

  /// The options, with these for keys that are not there.
  func completed(with others: [Key: Int?]) -> CaseOptions {
    var all = values
    for (key, value) in others {
      if let value, all[key.rawValue] == nil { all[key.rawValue] = "\(value)" }
    }
    return CaseOptions(all)
  }

  func inputSize() throws -> Int? { try number(.inputSize) }
  func classes() throws -> Int? { try number(.classes) }
  func sequence() throws -> Int? { try number(.sequence) }
  func inputs() -> GivenInputs {
    GivenInputs(self[.input]?.split(separator: "\n").map(String.init) ?? [])
  }
  func seed() throws -> UInt64 { UInt64(try number(.seed) ?? 1) }
  func requests() throws -> Int { try number(.requests) ?? 1 }
  func calibration() -> [String] {
    self[.calibration]?.split(separator: "\n").map(String.init) ?? []
  }

  /// Bits of weights in int8; nil for those that this build is fastest with.
  ///
  /// - Throws: Usage, for another number than 7 and 8.
  package func weightBits() throws(Problem) -> WeightBits? {
    guard let text = self[.weightBits] else { return nil }
    guard let number = Int(text), let bits = WeightBits(rawValue: number) else {
      throw Problem(.usage, "weight-bits needs 7 or 8, not '\(text)'.")
    }
    return bits
  }

  /// The tuning table; nil without one.
  ///
  /// - Throws: `malformed` for one that is damaged or of another binary or machine.
  func tuning() throws -> TuningTable? {
    try self[.tuning].flatMap { path in
      try TuningTable.read(from: path, fingerprint: TuningCache.fingerprint)
    }
  }

  private func number(_ key: Key) throws -> Int? {
    guard let text = self[key] else { return nil }
    guard let value = Int(text), value > 0 else {
      throw Problem(.usage, "\(key.rawValue) needs a whole number above 0, not '\(text)'.")
    }
    return value
  }
}

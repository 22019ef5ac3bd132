import Harness

/// What a case's id does not say, as text from a `prepare` line.
package struct CaseOptions: Sendable {
  /// The keys that a request may carry.
  package enum Key: String, CaseIterable, Sendable {
    /// Side of the square input image, in pixels.
    case inputSize = "input-size"
    /// Number of logits.
    case classes
    /// A safetensors file; without it weights are seeded.
    case weights
    /// Fixes weights and inputs.
    case seed
    /// A tuning table to choose algorithms by; without it the rule does.
    case tuning
    /// Requests of a batch each that are answered as one larger batch; 1 unless given.
    case requests
  }

  private let values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  subscript(key: Key) -> String? { values[key.rawValue] }

  func inputSize() throws -> Int? { try number(.inputSize) }
  func classes() throws -> Int? { try number(.classes) }
  func seed() throws -> UInt64 { UInt64(try number(.seed) ?? 1) }
  func requests() throws -> Int { try number(.requests) ?? 1 }

  /// The tuning table; nil without one, and for one that has become unusable since it was named.
  func tuning() -> TuningTable? {
    self[.tuning].flatMap { path in
      (try? TuningTable.read(from: path, fingerprint: TuningCache.fingerprint)) ?? nil
    }
  }

  private func number(_ key: Key) throws -> Int? {
    guard let text = self[key] else { return nil }
    guard let value = Int(text), value > 0 else {
      throw WorkerRefusal(code: 64, "\(key.rawValue) needs a whole number above 0, not '\(text)'.")
    }
    return value
  }
}

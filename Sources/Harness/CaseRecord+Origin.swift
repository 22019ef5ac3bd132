extension CaseRecord {
  /// Software of others that computed a case.
  package struct Origin: Codable, Hashable, Sendable {
    /// Of the library, such as `onnxruntime`.
    package var name: String
    @Nullable package var version: String?
    /// When that version was released, a day or a month as ISO 8601; only in a comparison of dated
    /// releases.
    package var released: String?

    package init(name: String, version: String?, released: String? = nil) {
      self.name = name
      self._version = Nullable(wrappedValue: version)
      self.released = released
    }
  }

  /// How requests that wait together are answered.
  package enum Batching: String, Codable, Hashable, Sendable {
    /// Each before the next is looked at.
    case single
    /// All in one pass, as the larger batch that they are.
    case gathered
    /// Several passes at a time.
    case concurrent
  }

  /// Whether software of others computed it; what that executes is not known.
  package var isForeign: Bool { origin != nil }

  /// Whether it answered several requests as one larger batch.
  package var isGathered: Bool { batching == .gathered }
}

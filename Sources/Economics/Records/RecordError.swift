/// Why a price, a record or a claim cannot be had; `description` is a sentence for the user.
package struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// A file, table, instance, curve or claim of that name does not exist.
    case absent
    /// A file exists and does not say what its format asks for.
    case malformed
  }

  package var kind: Kind
  /// Names the file or the flag and says what to do.
  package var description: String

  package init(_ kind: Kind, _ description: String) {
    (self.kind, self.description) = (kind, description)
  }
}

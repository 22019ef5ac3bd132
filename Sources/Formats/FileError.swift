/// What is wrong with a file, in a sentence for the user.
///
/// Commands turn the kind into an exit code and print the sentence as it is.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which exit code this leads to.
  package enum Kind: Sendable {
    /// There is no such file: exit 5.
    case absent
    /// It cannot be read as what it should be: exit 1.
    case malformed
    /// It cannot be written: exit 6.
    case cannotWrite
  }

  package var kind: Kind
  /// Names the file, what is wrong with it, and what to do.
  package var description: String

  package init(_ kind: Kind, _ sentence: String) {
    (self.kind, self.description) = (kind, sentence)
  }
}

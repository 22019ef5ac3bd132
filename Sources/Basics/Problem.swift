/// What went wrong, in a sentence for the user: the one error type of the package.
///
/// Modules say what kind of problem it is; which exit code a kind leads to is the command line's
/// choice.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable, CaseIterable {
    /// What is there is not what it should be, or is too large; also what has no kind of its own.
    case malformed
    /// A named thing is not there: a file, a baseline, a claim, a network.
    case absent
    /// No permission, no space, or no folder.
    case cannotWrite
    /// A value that cannot be used as it was given.
    case usage
    /// A worker ended, or gave no usable answer in time.
    case crashed
    /// A case could not be had, or nothing matched.
    case caseFailed
    /// An answer is wrong, or a rate beyond what the machine can do.
    case wrongAnswer
    /// Another machine, build or version.
    case notComparable
    /// What a comparison was asked to tell of, with nothing broken.
    case regression, improvement, unstable
    /// The audit gives another value or verdict than the one on record.
    case auditDisagrees
    /// Somebody asked for an early end.
    case interrupted
  }

  package var kind: Kind
  /// Names the file, flag or case at fault and says what to do; empty where all has been said.
  package var description: String

  package init(_ kind: Kind, _ sentence: String = "") {
    (self.kind, self.description) = (kind, sentence)
  }

  /// What is there is not what it should be.
  package static func malformed(_ sentence: String) -> Problem { Problem(.malformed, sentence) }

  /// The end that was asked for.
  package static let interrupted = Problem(.interrupted, "interrupted")
}

import CShims

/// What was noted of the source when this binary was built.
package enum BuildState {
  /// The commit; nil where the build was not told it.
  ///
  /// `make` tells it in `COSTCURVE_COMMIT`, with a `+` behind it where files were changed. A bare
  /// `swift build` is told nothing, and nothing is guessed: the folder that a binary runs in, or the
  /// one that it lies in, may have moved on since.
  package static let git = costcurve_build_commit().flatMap { read(String(cString: $0)) }

  /// Reads `HASH` or `HASH+`; nil for anything else.
  package static func read(_ text: String) -> Context.Git? {
    let isChanged = text.hasSuffix("+")
    let commit = isChanged ? String(text.dropLast()) : text
    guard (7...64).contains(commit.count), commit.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      return nil
    }
    return Context.Git(commit: commit, dirty: isChanged)
  }
}

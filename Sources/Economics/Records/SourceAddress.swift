/// A public address in the text of a source.
package struct SourceAddress: Hashable, Sendable {
  /// In the form in which a browser finds it.
  package let url: String

  /// What it leads to, in a few words: `owner/name, folder/file.json`, or host and path.
  package var name: String {
    if let match = url.wholeMatch(of: Self.githubFile) {
      let path = match.output.2.map { ", \($0)" } ?? ""
      return match.output.1 + path
    }
    return String(url.trimmingPrefix(/https?:\/\/(?:www\.)?/))
  }

  /// Texts and addresses of a source, in their order; together they are `followable(text)`.
  package static func pieces(of text: String) -> [(text: String, address: SourceAddress?)] {
    let text = followable(text)
    var (pieces, rest): ([(text: String, address: SourceAddress?)], Substring) = ([], text[...])
    for match in text.matches(of: address) {
      var end = match.range.upperBound
      // A sentence ends behind an address, not within it.
      while let last = text[match.range.lowerBound..<end].last, ".:".contains(last) {
        end = text.index(before: end)
      }
      let before = rest[..<match.range.lowerBound]
      if !before.isEmpty { pieces.append((String(before), nil)) }
      let url = String(text[match.range.lowerBound..<end])
      pieces.append((url, SourceAddress(url: url)))
      rest = text[end...]
    }
    if !rest.isEmpty { pieces.append((String(rest), nil)) }
    return pieces
  }

  package static func all(in text: String) -> [SourceAddress] {
    pieces(of: text).compactMap(\.address)
  }

  /// The text with what the tables write as `https://github.com/owner/name@commit:path`, or
  /// `github owner/name@commit path`, as addresses that a browser finds.
  package static func followable(_ text: String) -> String {
    let named = text.replacing(githubName) { match in
      let (repository, commit) = (match.output.1, match.output.2)
      let path = match.output.3.map { ":\($0)" } ?? ""
      return "https://github.com/\(repository)" + (commit.map { "@\($0)\(path)" } ?? "")
    }
    return named.replacing(githubCommit) { match in
      let (repository, commit) = (match.output.1, match.output.2)
      let root = "https://github.com/\(repository)"
      return match.output.3.map { "\(root)/blob/\(commit)/\($0)" } ?? "\(root)/tree/\(commit)"
    }
  }

  private static var address: Regex<Substring> { /https?:\/\/[^\s"<>()\[\],;]+/ }
  private static var githubName: Regex<(Substring, Substring, Substring?, Substring?)> {
    /\bgithub ([\w.-]+\/[\w.-]+)(?:@([0-9a-f]{40})(?: ([\w.\/-]+\.\w+))?)?(?![\w.\/<@-])/
  }
  private static var githubCommit: Regex<(Substring, Substring, Substring, Substring?)> {
    /https:\/\/github\.com\/([\w.-]+\/[\w.-]+)@([0-9a-f]{40})(?::([^\s"<>()\[\],;]+))?/
  }
  private static var githubFile: Regex<(Substring, Substring, Substring?)> {
    /https:\/\/github\.com\/([\w.-]+\/[\w.-]+)(?:\/(?:blob|tree)\/[0-9a-f]{40}(?:\/(.+))?)?/
  }
}

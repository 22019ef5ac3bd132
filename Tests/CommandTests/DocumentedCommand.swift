import Foundation

/// A `costcurve` command that a page shows, in a code block or as code within a sentence.
struct DocumentedCommand: Hashable, CustomStringConvertible {
  /// The page, relative to the package.
  let page: String
  /// The words after the program's name.
  let words: [String]

  var description: String { "\(page): costcurve \(words.joined(separator: " "))" }

  /// The package's folder.
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized

  /// Pages whose commands readers type, relative to the package.
  static func pages() throws -> [String] {
    let docs = try FileManager.default.contentsOfDirectory(
      atPath: package.appendingPathComponent("docs").path)
    return [
      "README.md", "CONTRIBUTING.md", "Sources/Reporter/Reporter.docc/ReadingTheReport.md",
      "Sources/Economics/Data/README.md",
    ] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }

  /// The text of a page.
  static func text(of page: String) throws -> String {
    try String(contentsOf: package.appendingPathComponent(page), encoding: .utf8)
  }

  /// Every command of a page's text, in its order.
  ///
  /// - Parameters:
  ///   - text: Markdown.
  ///   - page: Its name.
  /// - Returns: They, with the lines of a continued one joined.
  static func commands(in text: String, page: String) -> [DocumentedCommand] {
    let joined = text.replacing(/\\\n\s*/, with: " ")
    let shell = /(?:^|[;\s`])(?:\.build\/release\/)?costcurve ((?:'[^']*'|[^'`;|>#\n])+)/
    var found: [DocumentedCommand] = []
    var isFenced = false
    for line in joined.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isFenced.toggle() }
      let isCode = isFenced || line.hasPrefix("    ")
      for match in line.matches(of: shell) {
        // Within prose only what stands between backquotes is a command.
        guard isCode || match.output.0.hasPrefix("`") else { continue }
        let words = Self.words(of: String(match.output.1))
        if !words.isEmpty { found.append(.init(page: page, words: words)) }
      }
    }
    return found
  }

  /// A shell's words: quoted ones keep their spaces.
  private static func words(of line: String) -> [String] {
    line.matches(of: /(?:'[^']*'|\S)+/).map { String($0.output).replacing("'", with: "") }
  }

  /// True where the reader has to put something in the place of a word, such as ID.
  var hasPlaceholder: Bool {
    words.contains { $0.count > 1 && $0.wholeMatch(of: /[A-Z]+/) != nil && $0 != "HEAD" }
  }
}

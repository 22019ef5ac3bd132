import Foundation
import Testing

/// The README is short, its links lead somewhere, and its figures are those of the records.
struct ReadmeTests {
  private static let hasPython =
    (try? CommandProcess(["python3", "-c", "pass"], of: "/usr/bin/env"))?.status == 0

  @Test func theReadmeIsShort() throws {
    let text = try DocumentedCommand.text(of: "README.md")
    #expect(text.utf8.count < 10_000)
    let tables = text.matches(of: /(?m)^\|[-:| ]+\|$/).count
    #expect((1...3).contains(tables), "\(tables) tables")
  }

  @Test func everyLinkLeadsSomewhere() throws {
    var count = 0
    for page in try DocumentedCommand.pages() {
      let folder = DocumentedCommand.package.appendingPathComponent(page)
        .deletingLastPathComponent()
      let text = try DocumentedCommand.text(of: page)
      for match in text.matches(of: /(?:\]\(|src(?:set)?=")([^)"#\s]*)(?:#([^)"\s]+))?[)"]/) {
        let name = String(match.output.1)
        if name.hasPrefix("https://") || name.hasPrefix("doc:") { continue }
        let target = name.isEmpty ? page : name
        let file =
          name.isEmpty
          ? DocumentedCommand.package.appendingPathComponent(page)
          : folder.appendingPathComponent(name).standardized
        #expect(FileManager.default.fileExists(atPath: file.path), "\(page) links to \(target)")
        count += 1
        guard let anchor = match.output.2 else { continue }
        let headings = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
          .filter { $0.hasPrefix("#") }.map { Self.anchor(of: String($0)) }
        #expect(headings.contains(String(anchor)), "\(page) links to \(target)#\(anchor)")
      }
    }
    #expect(count > 20)
  }

  /// The name that a Markdown page gives to a heading.
  private static func anchor(of heading: String) -> String {
    heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
      .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
      .replacing(" ", with: "-")
  }

  /// Tables of every folder of Results, and in the README a few results, one that is explained, and
  /// what the binary prints of the run that it quotes.
  @Test(.enabled(if: hasPython, "needs python3"))
  func theFiguresAreThoseOfTheRecords() throws {
    let package = DocumentedCommand.package
    let readme = try DocumentedCommand.text(of: "README.md")
    let pattern = /\[Every table\]\((Results\/[^\/)]+)\/tables\.md\)/
    let link = try #require(readme.firstMatch(of: pattern))
    let quoted = String(link.output.1)
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: package.appendingPathComponent("Results").path
    ).map { "Results/\($0)" }.filter {
      FileManager.default.fileExists(
        atPath: package.appendingPathComponent($0 + "/run.json.gz").path)
    }
    #expect(runs.contains(quoted) && runs.count > 1)
    let binary = try CommandProcess.binary().path
    for run in runs {
      let readmeToo = run == quoted ? [] : ["--no-readme"]
      let outcome = try CommandProcess(
        ["python3", "Results/write.py", run, "--check", "--binary", binary] + readmeToo,
        of: "/usr/bin/env", directory: package.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }
}

import Foundation
import TestSupport
import Testing

/// Manual pages and completions say what the commands' own help says.
struct ManualTests {
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  private func pages() throws -> [String] {
    let outcome = try user.run("manual", "--folder", user.directory.path("a/man1"))
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try FileManager.default.contentsOfDirectory(atPath: user.directory.path("a/man1"))
      .sorted()
  }

  private func text(of page: String) throws -> String {
    try String(contentsOfFile: user.directory.path("a/man1/\(page)"), encoding: .utf8)
  }

  @Test func everyCommandThatHelpNamesHasAPage() throws {
    let pages = try pages()
    let help = try user.run("--help").output
    let names = help.matches(of: /(?m)^  ([a-z]+)(?: \(default\))?  +\S/).map {
      String($0.output.1)
    }
    #expect(names.count > 15)
    for name in names { #expect(pages.contains("costcurve-\(name).1"), "\(name)") }
    #expect(pages.contains("costcurve.1") && pages.contains("costcurve-claims-show.1"))
    #expect(!pages.contains { $0.contains("worker") || $0.contains("help") })
  }

  @Test func aPageHasWhatItsHelpHas() throws {
    _ = try pages()
    let page = try text(of: "costcurve-infer.1").replacing("\\-", with: "-")
    let help = try user.run("infer", "--help").output
    let options = help.matches(of: /--[a-z-]+/).map { String($0.output) }
    #expect(options.count > 20)
    for option in Set(options) { #expect(page.contains("\\fB\(option)\\fR"), "\(option)") }
    #expect(page.contains("(default: 1)") && page.contains(".SH EXAMPLES"))
    #expect(page.contains("\ncostcurve infer "), "the example stands on a line of its own")
    #expect(try text(of: "costcurve.1").contains("confirmed regression"), "the exit codes")
  }

  private static let groff = CommandProcess.path(of: "groff")

  @Test(.enabled(if: groff != nil, "there is no groff"))
  func theFormatterFindsNothingToSay() throws {
    let groff = try #require(Self.groff)
    for page in try pages() {
      let outcome = try CommandProcess(
        ["-man", "-Tutf8", "-Kutf8", "-ww", "-z", user.directory.path("a/man1/\(page)")], of: groff)
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(page): \(outcome.errors)")
    }
  }

  @Test func completionsKnowTheOptions() throws {
    for shell in ["bash", "zsh", "fish"] {
      let script = try user.run("--generate-completion-script", shell)
      #expect(script.status == 0)
      #expect(script.output.contains("batch-size") && script.output.contains("roofline"))
    }
    let script = try user.run("--generate-completion-script", "bash").output
    let file = try user.directory.file("completion", Data(script.utf8))
    let shell = try CommandProcess(["-n", file], of: "/bin/bash")
    #expect(shell.status == 0 && shell.errors.isEmpty, "\(shell.errors)")
  }

  @Test func aFolderThatCannotBeMadeIsSaid() throws {
    let outcome = try user.run("manual", "--folder", "/dev/null/man1")
    #expect(outcome.status == 6)
    #expect(outcome.errors.contains("/dev/null/man1"))
  }
}

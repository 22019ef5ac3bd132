import Foundation
import TestSupport
import Testing

/// The commands that README and docs show are taken by the program as they are written: those that
/// measure nothing are run, the others are parsed and stopped before they begin.
struct DocsCommandTests {
  private static let measuring: Set = [
    "run", "infer", "train", "kernels", "roofline", "predict", "verify", "compare", "check",
    "peers", "efficiency", "doctor", "selftest", "export-model", "quantize", "scaling",
  ]
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  @Test func allAreFound() {
    let text = """
      Ask `costcurve cost --watts 1`, or costcurve in prose.

          costcurve report a.json \\
            -o b.html    # a comment
      ```yaml
      - run: .build/release/costcurve check --filter '^(a|b) c'
      ```
      """
    #expect(
      DocumentedCommand.commands(in: text, page: "p").map(\.words) == [
        ["cost", "--watts", "1"], ["report", "a.json", "-o", "b.html"],
        ["check", "--filter", "^(a|b) c"],
      ])
  }

  @Test func everyPageOfDocsIsInItsIndex() throws {
    let index = try DocumentedCommand.text(of: "docs/README.md")
    for page in try DocumentedCommand.pages() where page.hasPrefix("docs/") {
      let name = page.dropFirst(5)
      #expect(name == "README.md" || index.contains("(\(name))"), "\(page)")
    }
  }

  @Test func everyCommandIsTaken() throws {
    try prepare()
    var seen: Set<[String]> = []
    for page in try DocumentedCommand.pages() {
      let text = try DocumentedCommand.text(of: page)
      for command in DocumentedCommand.commands(in: text, page: page)
      where seen.insert(command.words).inserted {
        try take(command)
      }
    }
    #expect(seen.count > 50)
  }

  @Test func aMisspeltOneWouldBeNoticed() throws {
    for words in [["infer", "--batches", "1"], ["run", "quick"], ["train", "--epochs", "many"]] {
      #expect(try stopped(words).status == 64, "\(words)")
    }
  }

  private func take(_ command: DocumentedCommand) throws {
    let name = command.words[0]
    if command.words.count == 1 {
      // A page may name a command without what it needs.
      let help = try user.run(name, "--help")
      #expect(help.status == 0 && help.output.contains("USAGE: costcurve "), "\(command)")
      #expect(name.hasPrefix("--") || help.output.contains("costcurve \(name) "), "\(command)")
    } else if Self.measuring.contains(name), !command.words.contains("--list") {
      // Files that it reads are looked for first, and are not there.
      let outcome = try stopped(command.words)
      #expect([5, 6].contains(outcome.status), "\(command): \(outcome.errors)")
    } else {
      let outcome = try user.start(command.words).result()
      // What a placeholder names is not there.
      let expected: Int32 = command.hasPlaceholder ? 5 : 0
      #expect(outcome.status == expected, "\(command): \(outcome.errors)")
    }
  }

  /// Runs a command whose output cannot be written, or for 'verify' whose reference is not there:
  /// both are found out after the arguments are parsed and before anything is measured.
  private func stopped(_ words: [String]) throws -> CommandProcess {
    let option = words[0] == "verify" ? "--reference" : "--output"
    return try user.start(words + [option, "/dev/null/x"]).result()
  }

  /// What the pages take for granted: runs, a history, a baseline, other folders of the package.
  private func prepare() throws {
    let directory = user.directory
    let timed = try SampleRuns.data(try SampleRuns.timed())
    let folders = ["report", "training/resnet20", "base/.build/release"]
    for folder in folders {
      try FileManager.default.createDirectory(
        atPath: directory.path(folder), withIntermediateDirectories: true)
    }
    for name in ["report/run.json", "laptop.json", "yours.json"] {
      _ = try directory.file(name, timed)
    }
    _ = try directory.file(
      "server.json", try SampleRuns.data(try SampleRuns.timed(slowness: 0.5, cpu: "another")))
    _ = try directory.file("peers.json", try SampleRuns.data(try SampleRuns.race()))
    _ = try directory.file("versions.json", try SampleRuns.data(try SampleRuns.versions()))
    let results = "Results/2026-11-22-amd-epyc-2cpu"
    let links = [
      "Results": DocumentedCommand.package.appendingPathComponent("Results"),
      "Sources": DocumentedCommand.package.appendingPathComponent("Sources"),
      "training/resnet20/epochs.tsv": DocumentedCommand.package.appendingPathComponent(
        "\(results)/training/resnet20-e30-s1/epochs.tsv"),
      "base/.build/release/costcurve": try CommandProcess.binary(),
    ]
    for (name, target) in links {
      try FileManager.default.createSymbolicLink(
        atPath: directory.path(name), withDestinationPath: target.path)
    }
    let imported = try user.run("history", "import", "report/run.json")
    try #require(imported.status == 0, "\(imported.errors)")
  }
}

import ArgumentParser
import Basics
import Harness
import Reporter

/// `costcurve selftest`: that the measuring itself is right, and that its gate can fail.
struct SelfTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Check the statistics' known answers, the clock, and that the gate can fail.",
    discussion: "Example: costcurve selftest")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let findings = SelfTest.run()
    let failed = findings.count { !$0.passed }
    let table = DataTable(
      id: "checks", caption: "Checks", columns: [.init(""), .init("Check"), .init("Found")],
      // What fails must be on the screen.
      rows: (findings.filter { !$0.passed } + findings.filter(\.passed)).map { finding in
        [
          .init(finding.passed ? "✔" : "✘", tone: finding.passed ? .good : .bad),
          .init(finding.name), .init(finding.detail),
        ]
      })
    let lead = failed == 0 ? "All \(findings.count) hold." : "\(failed) of \(findings.count) fail."
    let document = Document(
      title: "Self-test", subtitle: Version.text, answer: lead, blocks: [.table(table)])
    try output.emit(document, json: findings)
    if failed > 0 {
      throw Problem(
        .malformed, "\(Units.count(failed, "self-test")) failed; this build must not be trusted.")
    }
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// `check`: this build against a baseline written in the shell, so much quicker or slower that no
/// timing can be in doubt.
struct CheckCommandTests {
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  /// The end of `check` against a baseline whose every call takes `ns`.
  private func check(ns: Int, _ options: [String]) throws -> CommandProcess {
    let old = try ScriptedWorker.write("old", in: user.directory, ns: ns)
    let saved = try user.run(
      "baseline", "save", "main", "--binary", old, "--filter", "^gemm/256x", "--threads", "1")
    try #require(saved.status == 0, "\(saved.errors)")
    return try user.start(["check", "--baseline", "main", "--no-save"] + options).result()
  }

  @Test func quickFailsOnWhatIsSlower() throws {
    let outcome = try check(ns: 1, ["--quick", "--pairs", "8", "--format", "json"])
    #expect(outcome.status == 2, "\(outcome.output) \(outcome.errors)")
    let record = try ResultRecord.decoder().decode(
      ComparisonRecord.self, from: Data(outcome.output.utf8))
    #expect(record.cases.map(\.confirmed) == [true])
    // On a busy machine the first set may not tell.
    let earlier = record.cases[0].earlierSets?.count ?? 0
    #expect(record.cases[0].processCount >= 6 && (1...2).contains(earlier))
    #expect(
      outcome.errors.contains(
        "costcurve: confirmed regression in 1 of 1 cases: gemm/256x256x256/t1/native (B/A "))
  }

  @Test func quickTellsWhatIsFaster() throws {
    let outcome = try check(
      ns: 1_000_000_000_000, ["--quick", "--pairs", "8", "--fail-on", "improvement"])
    #expect(outcome.status == 4, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.errors.contains("costcurve: confirmed improvement in 1 of 1 cases: "))
  }

  /// Two pairs of one process support no interval, nor do the four that disturbed ones become.
  ///
  /// With those of the retry they claim what a third set does not confirm; on a busy machine they are
  /// too disturbed besides.
  @Test func whatCannotBeToldIsRetriedAndThenSaid() throws {
    let few = ["--processes", "1", "--pairs", "2"]
    let asked = try check(ns: 1, few + ["--fail-on", "inconclusive", "--fail-on", "unstable"])
    #expect(asked.status == 8, "\(asked.output) \(asked.errors)")
    let lines = asked.errors.split(separator: "\n").filter { $0.contains("could not tell") }
    #expect(lines.count == 1, "\(asked.errors)")
    #expect(
      lines.first.map { $0.contains("retried") || $0.contains("so it does not count") } == true,
      "\(lines)")
    let silent = try user.start(["check", "--baseline", "main", "--no-save"] + few).result()
    #expect(silent.status == 0)
    #expect(silent.errors.contains("--fail-on unstable and --fail-on inconclusive end with 8"))
  }

  @Test func helpNamesTheCodes() throws {
    let help = try user.run("check", "--help").output.split(separator: "\n")
      .joined(separator: " ").replacing(/\s+/, with: " ")
    for words in [
      "--fail-on", "improvement (4", "inconclusive or unstable (8", "also with --quick",
    ] {
      #expect(help.contains(words), "\(words)")
    }
  }
}

import Foundation
import Harness
import History
import TestSupport
import Testing

/// `compare`, `check`, `baseline` and `history` as processes, with workers written in the shell: the
/// exit codes and sentences that scripts rely on, without timing anything.
struct ComparisonCommandTests {
  private let user: UserFolder
  private var directory: TemporaryDirectory { user.directory }

  init() throws { user = try UserFolder() }

  private func worker(
    _ name: String, ns: Int, correctness: String = "passed", protocolVersion: Int = 1,
    onRun: String = ""
  ) throws -> String {
    try ScriptedWorker.write(
      name, in: directory, ns: ns, correctness: correctness, protocolVersion: protocolVersion,
      onRun: onRun)
  }

  private func compare(
    _ a: String, _ b: String, processes: Int = 3, _ more: String...
  ) throws -> CommandProcess {
    let few = ["--threads", "1", "--processes", "\(processes)", "--pairs", "4"]
    return try user.start(["compare", a, b, "--filter", "^gemm/256x"] + few + more).result()
  }

  @Test func aConfirmedRegressionEndsWithTwo() throws {
    let (old, new) = (try worker("old", ns: 1_000_000), try worker("new", ns: 1_100_000))
    var (outcome, record) = try recorded(old, new)
    // The hypervisor may take a share of the CPUs from any comparison.
    for _ in 0..<4 where record.cases.map(\.verdict) == [.unstable] {
      (outcome, record) = try recorded(old, new)
    }
    #expect(outcome.status == 2, "\(outcome.errors)")
    #expect(record.cases.map(\.verdict) == [.slower])
    #expect(record.cases.first?.regression == true)
  }

  private func recorded(
    _ old: String, _ new: String
  ) throws -> (outcome: CommandProcess, record: ComparisonRecord) {
    let outcome = try compare(old, new, "--format", "json")
    return (
      outcome,
      try ResultRecord.decoder().decode(ComparisonRecord.self, from: Data(outcome.output.utf8))
    )
  }

  @Test func theSameEndsWithZeroAndAGainOnlyWhenAsked() throws {
    let (old, new) = (try worker("old", ns: 1_000_000), try worker("new", ns: 900_000))
    #expect(try compare(old, old).status == 0)
    #expect(try compare(old, new).status == 0)
    #expect(
      try (0..<5).contains { _ in
        try compare(old, new, "--fail-on", "improvement").status == 4
      })
  }

  @Test func whatCannotBeToldEndsWithEightWhenAsked() throws {
    // Four pairs in one process support no interval at 99 %.
    let (old, new) = (try worker("old", ns: 1_000_000), try worker("new", ns: 1_100_000))
    #expect(try compare(old, new, processes: 1, "--fail-on", "inconclusive").status == 8)
    #expect(try compare(old, new, processes: 1).status == 0)
  }

  @Test func crashesWrongAnswersAndOldProtocols() throws {
    let fine = try worker("fine", ns: 1_000_000)
    let crashing = try worker("crashing", ns: 1, onRun: "kill -9 $$;")
    let crash = try compare(fine, crashing)
    #expect(crash.status == 3)
    #expect(crash.errors.contains("killed by signal 9"))
    #expect(try compare(fine, try worker("wrong", ns: 1, correctness: "failed")).status == 7)
    let old = try compare(fine, try worker("ancient", ns: 1, protocolVersion: 0))
    #expect(old.status == 9)
    #expect(old.errors.contains("speaks protocol 0"))
  }

  @Test func namesThatAreNothing() throws {
    let outcome = try compare("natve", "native")
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("native"))
    #expect(try compare("baseline:none", "native").status == 5)
    #expect(try compare("openblas@/none.so", "native").status == 5)
    #expect(try user.run("compare", "native", "native", "--filter", "^nothing$").status == 3)
    #expect(try user.run("compare", "native", "native", "--margin", "2").status == 64)
    for (margin, status) in [("50%", 3), ("51%", 64), ("400%", 64), ("0%", 64)] as [(String, Int32)]
    {
      let outcome = try user.run(
        "compare", "native", "native", "--filter", "^nothing$", "--margin", margin)
      #expect(outcome.status == status, "\(margin): \(outcome.errors)")
    }
  }

  @Test func aBaselineIsKeptCheckedAndRemoved() throws {
    let old = try worker("old", ns: 1_000_000)
    #expect(try user.run("check", "--baseline", "main").status == 5)
    let saved = try user.run(
      "baseline", "save", "main", "--binary", old, "--filter", "^gemm/256x", "--threads", "1")
    #expect(saved.status == 0, "\(saved.errors)")
    #expect(try user.run("baseline", "list").output.contains("main"))
    #expect(try user.run("baseline", "show", "main").output.contains("gemm/256x256x256/t1/"))
    _ = try directory.file("costcurve.toml", Data("version = 1\n[check]\nmargn = \"2%\"\n".utf8))
    let misspelt = try user.run("check", "--baseline", "main")
    #expect(misspelt.status == 1)
    #expect(misspelt.errors.contains("line 3: there is no setting 'margn'"))
    #expect(try user.run("check", "--baseline", "main", "--config", "none.toml").status == 5)
    #expect(try user.run("baseline", "remove", "main").status == 0)
    #expect(try user.run("baseline", "show", "main").status == 5)
  }

  @Test func theSelfTestPasses() throws {
    let outcome = try user.run("selftest")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("a confirmed slowdown ends the"))
  }

  @Test(arguments: [
    (["selftest"], "<p class=\"sub\">Self-test. 0."),
    (["baseline", "list"], "<h1 id=\"headline\">0 baselines</h1>"),
  ])
  func pagesHaveTheirWholeHeading(_ command: [String], _ heading: String) throws {
    let outcome = try user.start(command + ["--format", "html"]).result()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(heading))
  }

  // MARK: History

  private func resultFile(_ index: Int) throws -> String {
    let context = Context.sample(
      date: "2026-01-01T00:00:\(index < 10 ? "0" : "")\(index)Z")
    let data = try ResultRecord.encoder().encode(ResultRecord(context: context))
    return try directory.file("run\(index).json", data)
  }

  @Test func tenWritersAtOnceLoseNothing() throws {
    let files = try (0..<10).map { try resultFile($0) }
    let writers = try files.map { try user.start(["history", "import", $0]) }
    #expect(try writers.map { try $0.result().status } == [Int32](repeating: 0, count: 10))
    let list = try user.run("history", "list", "--format", "json")
    let rows = try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [Any]
    #expect(rows?.count == 10)
  }

  @Test func aKilledWriterLeavesTheDatabaseWhole() throws {
    #expect(try user.run("history", "import", try resultFile(0)).status == 0)
    let files = try (1..<40).map { try resultFile($0) }
    for delay in [2_000, 8_000, 20_000, 40_000] as [UInt32] {
      let writer = try user.start(["history", "import"] + files)
      usleep(delay)
      writer.send(SIGKILL)
      _ = try writer.result()
      let listed = try user.run("history", "list", "--limit", "100")
      #expect(listed.status == 0, "\(listed.errors)")
    }
    #expect(try user.run("history", "import", files[0]).status == 0)
    #expect(try user.run("history", "show", "1").status == 0)
  }

  @Test func whatTheHistoryCannotDoIsSaid() throws {
    #expect(try user.run("history", "list").status == 5)
    _ = try directory.file("junk.json", Data("{}".utf8))
    #expect(try user.run("history", "import", "junk.json").status == 1)
    #expect(try user.run("history", "import", "none.json").status == 5)
    _ = try directory.file("junk.sqlite", Data(repeating: 65, count: 5000))
    let damaged = try user.run("history", "list", "--database", "junk.sqlite")
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("move it aside"))
    let file = try resultFile(1)
    #expect(try user.run("history", "import", file, "--database", file + "/h.sqlite").status == 6)
    #expect(try user.run("history", "prune", "--keep", "1", "--before", "soon").status == 64)
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// What whoever does not know the gate and the history yet will type: an exit code and a sentence
/// that goes on from there.
struct NewcomerTests {
  private let user: UserFolder
  private var directory: TemporaryDirectory { user.directory }

  init() throws { user = try UserFolder() }

  private func imported(_ names: (String, ResultRecord)...) throws {
    for (name, record) in names {
      let file = try directory.file(name, try SampleRuns.data(record))
      try #require(try user.run("history", "import", file).status == 0)
    }
  }

  // MARK: Arms

  @Test func aFileInFrontOfOpenBLASMustBeSuchALibrary() throws {
    let text = try directory.file("lib.so", Data("no library".utf8))
    let libc = try #require(LoadedFile.path(of: "libc.so.6"))
    for path in [text, libc] {
      let outcome = try user.run("compare", "openblas@\(path)", "native", "--threads", "1")
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("openblas@\(path)"), "\(outcome.errors)")
      #expect(outcome.errors.contains("cannot be loaded, or it has no cblas_sgemm"))
      #expect(outcome.output.isEmpty)
    }
  }

  @Test func anotherProgramIsNoArm() throws {
    let program = try directory.executable("other", "echo oh >&2; exit 4\n")
    for command in [
      ["compare", program, "native"], ["baseline", "save", "x", "--binary", program],
    ] {
      let outcome = try user.start(command + ["--threads", "1", "--filter", "^gemm/256x"]).result()
      #expect(outcome.status == 3)
      #expect(
        outcome.errors.contains(
          "did not answer as costcurve's worker does: it exited with code 4; its last words were: oh"
        ), "\(outcome.errors)")
    }
    let folder = try user.run("compare", directory.root, "native", "--threads", "1")
    #expect(folder.status == 5)
    #expect(folder.errors.contains("is a folder"))
  }

  @Test func otherFlagsAreNoOtherCode() throws {
    let few = ["--filter", "^gemm/256x", "--threads", "1", "--processes", "2", "--pairs", "4"]
    let old = try ScriptedWorker.write("old", in: directory, ns: 1_000_000)
    let new = try ScriptedWorker.write("new", in: directory, ns: 1_000_000, march: "x86-64-v4")
    let outcome = try user.start(["compare", old, new] + few).result()
    #expect(
      outcome.errors.contains("old was built for x86-64-v3, \(new) for x86-64-v4"),
      "\(outcome.errors)")
    let same = try user.start(["compare", old, old] + few).result()
    #expect(same.errors.isEmpty, "\(same.errors)")
  }

  @Test func ctrlCKeepsTheCasesThatAreDone() throws {
    // The turns of the second case never end.
    let worker = try ScriptedWorker.write(
      "worker", in: directory, ns: 1_000_000,
      onRun: "case $id in *512x*) echo > second; sleep 60;; esac;")
    let running = try user.start([
      "compare", worker, worker, "--filter", "^gemm/(256|512)x", "--threads", "1", "--processes",
      "1", "--pairs", "4", "--format", "json",
    ])
    let deadline = Date(timeIntervalSinceNow: 60)
    while !FileManager.default.fileExists(atPath: directory.path("second")), Date() < deadline {
      usleep(10_000)
    }
    running.send(SIGINT)
    let outcome = try running.result()
    #expect(outcome.status == 130)
    let record = try ResultRecord.decoder().decode(
      ComparisonRecord.self, from: Data(outcome.output.utf8))
    #expect(record.cases.count == 1)
  }

  // MARK: Baselines

  @Test func savingUnderTheSameNameSaysWhatMadeWay() throws {
    let worker = try ScriptedWorker.write("worker", in: directory, ns: 1_000_000)
    let save = { (name: String) in
      try user.run(
        "baseline", "save", name, "--binary", worker, "--filter", "^gemm/256x", "--threads", "1")
    }
    #expect(try !save("main").errors.contains("in place of"))
    let second = try save("main")
    #expect(second.status == 0)
    #expect(second.errors.contains("in place of the one saved 2"), "\(second.errors)")
    #expect(try user.run("baseline", "list").output.contains("1 baseline\n"))
    for name in ["", "../main", ".main", "a/b"] { #expect(try save(name).status == 1, "'\(name)'") }
    #expect(try user.run("baseline", "remove", "../data").status == 5)
    // Where a given binary was built is not known.
    #expect(try !user.run("baseline", "show", "main", "--format", "json").output.contains("commit"))
  }

  @Test func withoutABaselineTheListSaysHowToSaveOne() throws {
    #expect(try user.run("baseline", "list").output.contains("costcurve baseline save NAME"))
    let check = try user.run("check", "--baseline", "main")
    #expect(check.status == 5)
    #expect(check.errors.contains("costcurve baseline save NAME"))
  }

  // MARK: History

  @Test func aTrendThatIsNotThereNamesThoseThatAre() throws {
    try imported(("a.json", try SampleRuns.timed()))
    let part = try user.run("history", "trend", "train/resnet50")
    #expect(part.status == 5)
    #expect(part.errors.contains("3 cases, such as train/resnet50/b16/t2/native"), "\(part.errors)")
    let nothing = try user.run("history", "trend", "zzz")
    #expect(nothing.errors.contains("such as infer/resnet50/b16/t2/native"), "\(nothing.errors)")
    let machine = try user.run(
      "history", "trend", "train/resnet50/b16/t2/native", "--machine", "zzz")
    #expect(machine.status == 5)
    #expect(
      machine.errors.firstMatch(of: /never recorded on machine 'zzz', but on [0-9a-f]{16}/) != nil,
      "\(machine.errors)")
  }

  @Test func acceptingSaysThatItDid() throws {
    try imported(("a.json", try SampleRuns.timed()))
    let id = "train/resnet50/b16/t2/native"
    let outcome = try user.run("history", "accept", id, "--note", "a new tile")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains(id))
    let trend = try user.run("history", "trend", id).output.replacing(/\s+/, with: " ")
    #expect(trend.contains("accepted as meant: a new tile"), "\(trend)")
  }

  @Test func aRunUnlikeThoseBeforeItIsSaidToBe() throws {
    for run in 1...10 {
      // Nine within two percent, then one of twice the time.
      let slowness = run == 10 ? 2.0 : 1 + 0.01 * Double(run % 3)
      let record = try SampleRuns.timed(date: "2026-11-\(10 + run)T00:00:00Z", slowness: slowness)
      try imported(("\(run).json", record))
    }
    let trend = try user.run("history", "trend", "train/resnet50/b16/t2/native").output
      .replacing(/\s+/, with: " ")
    #expect(trend.contains("Its robust z-score among the runs before it is 44: "), "\(trend)")
  }

  @Test func anImportIsOfRecordsOnly() throws {
    try imported(("a.json", try SampleRuns.timed()))
    let both = try SampleRuns.data(try SampleRuns.timed(date: "2026-11-23T00:00:00Z"))
    let array = try directory.file("two.json", Data("[".utf8) + both + Data("]".utf8))
    #expect(try user.run("history", "import", array).status == 0)
    let junk = try directory.file("junk.json", Data("{\"schema_version\": 1}".utf8))
    let outcome = try user.run("history", "import", array, junk)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'schema' is missing"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("DecodingError"))
    #expect(try user.run("history", "list").output.contains("2 of 2 runs"))
  }

  @Test func aCommandOfTheHistoryIsFoundThere() throws {
    let outcome = try user.run("trend")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("It is 'costcurve history trend'"), "\(outcome.errors)")
  }

  @Test func anEmptyFileIsAnEmptyHistory() throws {
    let empty = try directory.file("empty.sqlite", Data())
    #expect(try user.run("history", "list", "--database", empty).status == 0)
    let trend = try user.run("history", "trend", "--database", empty)
    #expect(trend.status == 5)
    #expect(trend.errors.contains("no measured case yet"))
    #expect(try user.run("history", "list", "--database", directory.root).status == 6)
  }
}

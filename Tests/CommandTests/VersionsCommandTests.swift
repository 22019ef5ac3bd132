import Foundation
import Harness
import TestSupport
import Testing

/// `costcurve peers --versions` beside releases that scripts stand for.
struct VersionsCommandTests {
  private static let canRace =
    CommandProcess.path(of: "python3") != nil && ProcessInfo.processInfo.activeProcessorCount > 1

  /// Every call takes so long as its release is old.
  private static let worker = """
    import json, os, sys
    for line in sys.stdin:
        words = line.split()
        reply = {"ok": True}
        if words[0] == "hello":
            reply |= {"protocol": 1, "worker": "peers", "march": "peer", "libraries": []}
        elif words[0] == "prepare":
            reply["case"] = {
                "id": words[1], "kind": "infer", "algorithm": "old " + " ".join(sys.argv[1:]),
                "parameters": {}, "threads": 1, "requests_in_flight": 1, "batching": "single",
                "origin": {"name": "old", "version": "of the library"},
                "flop": {"direct": 0, "executed": 0}, "images_per_call": 1, "bytes_per_call": None}
        elif words[0] == "check":
            reply["correctness"] = {"status": "passed", "max_error": 0}
        elif words[0] == "run":
            reply |= {"samples_ns": [float(os.environ["NS"])], "flags": [""],
                      "calls_per_sample": 1, "warmup_ns": [], "peak_memory_bytes": 4096}
        print(json.dumps(reply), flush=True)
        if words[0] == "quit":
            break
    """

  private let folder: TemporaryDirectory
  private let python: String

  init() throws {
    folder = try TemporaryDirectory()
    python = CommandProcess.path(of: "python3") ?? "python3"
  }

  /// Scripts that tell of these releases, each a line of JSON.
  private func prepare(_ releases: [String]) throws {
    _ = try folder.file("worker.py", Data(Self.worker.utf8))
    for (name, ns) in [("one", 2e9), ("two", 1e9)] {
      _ = try folder.executable(name, "NS=\(ns) exec '\(python)' \"$@\"\n")
    }
    let lines = ["{\"note\": \"installing nothing\"}"] + releases
    let told = lines.map { "print('''\($0)''', flush=True)" }.joined(separator: "\n")
    _ = try folder.file("environments.py", Data((told + "\n").utf8))
  }

  private func release(_ version: String, _ released: String, _ rest: String) -> String {
    "{\"release\": {\"software\": \"old\", \"version\": \"\(version)\", \"released\": "
      + "\"\(released)\", \"settings\": [\"old-fast\"], \(rest)}}"
  }

  private func compare(_ more: [String] = []) throws -> CommandProcess {
    try CommandProcess(
      [
        "peers", "--versions", "--network", "resnet20", "--batch-size", "1", "--threads", "1",
        "--processes", "2", "--duration", "300ms", "--no-save", "--python", python,
        "--peers-folder", folder.root, "--environments", folder.path("environments"),
      ] + more, timeout: 240)
  }

  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func releasesTakeTurnsAndGainByTheirDates() throws {
    try prepare([
      release("1.0", "2024-01-01", "\"python\": \"\(folder.path("one"))\""),
      release("2.0", "2025-12-31", "\"python\": \"\(folder.path("two"))\""),
      release("0.1", "2022-02", "\"reason\": \"it cannot be installed here: no wheel\""),
      release("3.0", "2026-10", "\"python\": \"\(folder.path("nowhere"))\""),
    ])
    let json = try compare(["--format", "json"])
    #expect(json.status == 0, "\(json.errors)")
    #expect(json.errors.contains("installing nothing"), "\(json.errors)")
    let data = Data(json.output.utf8)
    #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    let trend = try #require(record.softwareTrends?.first)
    // Twice as fast after 730 days.
    #expect(abs(trend.gain - 2) < 1e-9)
    #expect(abs(trend.yearlyFactor - pow(2, 365.25 / 730)) < 1e-9)
    #expect(trend.releases == 2 && trend.lastVersion == "2.0")
    #expect(
      record.cases.map { CaseID.engine(of: $0.id) } == [
        "native-beside-old-fast", "old-fast-1.0", "old-fast-2.0", "old-fast-0.1", "old-fast-3.0",
      ])
    #expect(record.cases.map(\.validity.ok) == [true, true, true, false, false])
    #expect(record.cases[1].origin == .init(name: "old", version: "1.0", released: "2024-01-01"))
    #expect(record.cases[1].algorithm == "old --releases")
    #expect(record.cases[3].validity.reasons == ["it cannot be installed here: no wheel"])
    #expect(record.cases[4].validity.reasons.first?.contains("nowhere") == true)

    let text = try compare(["--full"]).output.replacing(/\s+/, with: " ")
    #expect(text.contains("2 releases could not be measured"), "\(text)")
    #expect(text.contains("no speed: it cannot be installed here: no wheel"), "\(text)")
    #expect(text.contains("47 % a year off the cost is 1.89x a year"), "\(text)")
    let csv = try compare(["--format", "csv"]).output
    let (head, rows) = FormsTests.table(csv)
    // A cell before it has a comma, so it is counted from the end.
    let behind = head.count - (try #require(head.firstIndex(of: "released")))
    #expect(
      rows.map { $0[$0.count - behind] } == ["", "2024-01-01", "2025-12-31", "2022-02", "2026-10"])
  }

  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func whereNoReleaseRunsTheReasonsAreTold() throws {
    try prepare([release("0.1", "2022-02", "\"reason\": \"no wheel\"")])
    let outcome = try compare()
    #expect(outcome.status == 5, "\(outcome.errors)")
    #expect(outcome.output.contains("no wheel"), "\(outcome.output)")
    #expect(outcome.output.count { $0 == "\n" } <= 40)
  }

  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func whatCannotBeAskedForIsRefused() throws {
    try prepare([])
    let nothing = try compare(["--only", "^zzz"])
    #expect(nothing.status == 3 && nothing.errors.contains("'^zzz' matches no release"))
    #expect(try compare(["--only", "("]).status == 64)
    _ = try folder.file("environments.py", Data("raise SystemExit(1)\n".utf8))
    let failed = try compare()
    #expect(failed.status == 3 && failed.errors.contains("run it by itself"), "\(failed.errors)")
    let alone = try CommandProcess(["peers", "--environments", folder.root])
    #expect(alone.status == 64 && alone.errors.contains("--versions"), "\(alone.errors)")
  }

  @Test func aReportDrawsThemByTheirDates() throws {
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let versions = try folder.file("versions.json", try SampleRuns.data(SampleRuns.versions()))
    func report(_ arguments: [String]) throws -> CommandProcess {
      try CommandProcess(["report"] + arguments + ["--no-history"])
    }
    let page = try report([run, "--versions", versions, "--format", "html"])
    #expect(page.status == 0, "\(page.errors)")
    let signs = ["versions-section", "apeer 2.0, 2026-06-01", "gain a year by releases of apeer"]
    for sign in signs { #expect(page.output.contains(sign), "\(sign)") }
    let text = try report([run, "--versions", versions, "--full"]).output
      .replacing(/\s+/, with: " ")
    #expect(text.contains("apeer gains most: 1.22x [1.20, 1.25] a year"), "\(text)")
    // By itself it is such a report as well.
    #expect(try report([versions, "--full"]).output.contains("Releases of software by date"))
    #expect(try report([run, "--peers", versions]).status == 64)
    #expect(try report([run, "--versions", run]).status == 1)
    let other = try folder.file("o.json", try SampleRuns.data(SampleRuns.versions(cpu: "another")))
    #expect(try report([run, "--versions", other]).status == 9)
  }
}

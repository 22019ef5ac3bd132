import Foundation
import TestSupport
import Testing

/// `Benchmarks/LoadGen`: its scripts with a load generator and a binary that are made up here.
@Suite struct LoadGenTests {
  private static let folder = DocumentedCommand.package.appendingPathComponent("Benchmarks/LoadGen")
    .path
  private static let hasPython =
    (try? CommandProcess(["python3", "-c", "pass"], of: "/usr/bin/env"))?.status == 0

  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func python(_ arguments: [String], path: [String] = []) throws -> CommandProcess {
    try CommandProcess(
      ["python3"] + arguments, of: "/usr/bin/env",
      environment: [
        "PYTHONPATH": (path + [Self.folder]).joined(separator: ":"),
        "PYTHONDONTWRITEBYTECODE": "1",
      ])
  }

  private static func text(of name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  /// A package that issues as many queries as its settings ask for and logs figures of its own.
  private func makePackage() throws {
    let script = """
      import json, os
      class TestMode: PerformanceOnly = 1
      class TestScenario: SingleStream, Offline = 1, 2
      class TestSettings: pass
      class LogSettings:
        def __init__(self): self.log_output = TestSettings()
      class QuerySampleResponse:
        def __init__(self, identity, data, size): self.id = identity
      class QuerySample:
        def __init__(self, identity): self.id = self.index = identity
      answered = []
      def ConstructSUT(issue, flush): return issue
      def ConstructQSL(total, count, load, unload): return None
      def DestroySUT(system): pass
      def DestroyQSL(library): pass
      def QuerySamplesComplete(responses): answered.extend(one.id for one in responses)
      def StartTestWithLogSettings(issue, library, settings, log):
        queries = [QuerySample(number) for number in range(settings.min_query_count)]
        if settings.scenario == TestScenario.SingleStream:
          for query in queries: issue([query])
        else:
          issue(queries)
        assert answered == [query.id for query in queries], answered
        found = {"early_stopping_latency_ss": 30000000, "result_samples_per_second": 40.0,
                 "result_query_count": len(queries), "result_validity": "VALID"}
        with open(os.path.join(log.log_output.outdir, "mlperf_log_detail.txt"), "w") as file:
          file.write("a line of another kind\\n")
          for key, value in found.items():
            file.write(":::MLLOG " + json.dumps({"key": key, "value": value}) + "\\n")
      """
    _ = try directory.file("mlperf_loadgen.py", Data(script.utf8))
  }

  /// A binary whose worker counts its calls in a file, and whose `infer` has a scenario's figure.
  private func makeBinary(status: String = "passed") throws -> String {
    try directory.executable(
      "costcurve",
      """
      if [ "$1" = infer ]; then
        case "$*" in *offline*) value=30;; *) value=30.3;; esac
        echo '{"cases":[{"scenario":{"value":'$value',"queries":64}}],"context":{"git":null,'\\
      '"date":"2026-11-22T00:00:00Z","machine":{"cpu":"a made-up processor"},"march":"m"}}'
        exit 0
      fi
      while read -r word rest; do case "$word" in
      hello) echo '{"ok":true,"protocol":1}';;
      check) echo '{"ok":true,"correctness":{"status":"\(status)","max_error":0}}';;
      run) echo "$rest" >> '\(directory.path("runs"))'
        echo '{"ok":true,"samples_ns":[1000.0]}';;
      quit) echo '{"ok":true}'; exit 0;;
      *) echo '{"ok":true}';;
      esac; done
      """)
  }

  private func turn(_ binary: String, _ arguments: [String]) throws -> CommandProcess {
    try python(
      ["\(Self.folder)/turn.py", "--binary", binary, "--case", "infer/resnet50/b8/t1/native"]
        + arguments + ["--into", directory.path("result.json")],
      path: [directory.root])
  }

  private func calls() throws -> [Substring] {
    try String(contentsOfFile: directory.path("runs"), encoding: .utf8).split(separator: "\n")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func theScriptsAreRead() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0.hasSuffix(".py") }
    #expect(names.count >= 4)
    for name in names {
      let script = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')"
      let outcome = try python(["-c", script, "\(Self.folder)/\(name)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  /// 20 samples in batches of 8 are three calls, behind those that tell how long one takes.
  @Test(.enabled(if: hasPython, "needs python3")) func oneQueryIsAnsweredBatchByBatch() throws {
    try makePackage()
    let outcome = try turn(
      try makeBinary(), ["--scenario", "offline", "--batch-size", "8", "--samples", "20"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try calls() == ["8", "1", "1", "1"])
    let result = try String(contentsOfFile: directory.path("result.json"), encoding: .utf8)
    #expect(result.contains(#""value": 40.0"#) && result.contains(#""validity": "VALID""#))
  }

  @Test(.enabled(if: hasPython, "needs python3")) func aStreamIsACallAQuery() throws {
    try makePackage()
    let outcome = try turn(
      try makeBinary(), ["--scenario", "single-stream", "--seconds", "0.1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try calls() == ["8"] + [Substring](repeating: "1", count: 64))
    let result = try String(contentsOfFile: directory.path("result.json"), encoding: .utf8)
    #expect(result.contains(#""value": 30.0"#), "nanoseconds in milliseconds: \(result)")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func aWrongAnswerGivesNoFigure() throws {
    try makePackage()
    let outcome = try turn(
      try makeBinary(status: "failed"), ["--scenario", "single-stream", "--seconds", "0.1"])
    #expect(outcome.status == 1 && outcome.errors.contains("its answer is failed"))
    #expect(!FileManager.default.fileExists(atPath: directory.path("result.json")))
  }

  /// The stub's 30 ms are within 5 % of the binary's 30.3; its 40 samples/s are not of 30.
  @Test(.enabled(if: hasPython, "needs python3")) func theTableSaysWhatAgrees() throws {
    try makePackage()
    let run = try python(
      [
        "\(Self.folder)/loadgen.py", "run", "--binary", try makeBinary(), "--threads", "1",
        "--rounds", "2", "--duration", "0.1", "--samples", "16", "--output", directory.path("out"),
      ], path: [directory.root])
    #expect(run.status == 1, "\(run.output) \(run.errors)")
    #expect(
      run.output.contains(
        "| single-stream | p90 latency, ms | 30.3 [30.3, 30.3] | 30.0 [30.0, 30.0] "
          + "| 0.990 [0.990, 0.990]x | yes | 2 |"), "\(run.output)")
    #expect(
      run.output.contains(
        "| offline | samples/s | 30.0 [30.0, 30.0] | 40.0 [40.0, 40.0] "
          + "| 1.33 [1.33, 1.33]x | no | 2 |"), "\(run.output)")
    #expect(run.output.contains("on a made-up processor, 2026-11-22; resnet50, 1 thread, native"))
    let shown = try python(
      ["\(Self.folder)/loadgen.py", "table", directory.path("out/loadgen.json")])
    #expect(
      try shown.output == String(contentsOfFile: directory.path("out/loadgen.md"), encoding: .utf8))
  }

  /// What failed agrees with nothing, however near the other rounds are.
  @Test(.enabled(if: hasPython, "needs python3")) func aFailedTurnIsNoAgreement() throws {
    let script = """
      import agreement
      good = {"offline": {"ours": {"value": 30.0}, "loadgen": {"value": 31.0}}}
      bad = {"offline": {"ours": {"failure": "it crashed"}, "loadgen": {"value": 31.0}}}
      print([(row["agrees"], row["rounds"], row["failed"]) for rounds in [
        [good, good], [good, bad], [bad]] for row in agreement.rows_of(rounds, ["offline"])])
      middle, ends = agreement.interval([1.0, 4.0])
      assert abs(middle - 2) < 1e-12 and ends[0] < 1e-3 and ends[1] > 1e3, ends
      """
    let outcome = try python(["-c", script])
    #expect(outcome.output == "[(True, 2, 0), (False, 1, 1), (False, 0, 1)]\n", "\(outcome.errors)")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func itsReadmeNamesWhatThereIs() throws {
    let readme = try Self.text(of: "README.md")
    let makefile = try DocumentedCommand.text(of: "Makefile")
    for match in readme.matches(of: /(?m)^    make ([a-z-]+)/) {
      #expect(makefile.contains("\n\(match.output.1): "), "make \(match.output.1)")
    }
    #expect(makefile.contains("LOADGEN_VENV ?=") && readme.contains("LOADGEN_VENV"))
    #expect(try Self.text(of: "requirements.txt").hasPrefix("mlcommons-loadgen=="))
    let help = try python(["\(Self.folder)/loadgen.py", "run", "--help"]).output
    let options = Set(readme.matches(of: /--[a-z-]+/).map { String($0.output) })
    // One is of costcurve itself.
    #expect(options.count > 5)
    for option in options where option != "--scenario" {
      #expect(help.contains("\(option) "), "\(option)")
    }
    let commands = readme.matches(of: /(?m)^    Benchmarks\/LoadGen\/loadgen.py ([a-z]+)/)
    #expect(Set(commands.map { String($0.output.1) }) == ["run", "table"])
    for match in readme.matches(of: /`([a-z]+\.py)`/) {
      let path = "\(Self.folder)/\(match.output.1)"
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// Every command's default text, with many runs and cases to speak of, has at most forty lines.
@Suite struct OneScreenTests {
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  /// Commands whose answer is looked at in another test, or that write nothing on standard output.
  private static let elsewhere: Set = [
    "kernels", "roofline", "predict", "peers", "efficiency", "doctor", "worker", "manual",
    "baseline save", "baseline remove", "export-model", "quantize", "history export",
    "history import", "history remove", "history prune", "history accept", "scaling",
  ]

  private static let short = ["--threads", "1", "--quick", "--duration", "20ms", "--no-save"]
  private static let small = ["--network", "resnet20"]

  private static let step = ["--network", "resnet20", "--batch-size", "2"]

  /// Answers that are there at once.
  private static let stored: [[String]] = [
    ["claims"], ["claims", "list", "--verdict", "consistent"],
    ["claims", "list", "--kind", "ratio"],
    ["claims", "audit"], ["claims", "show", "bert-6912"], ["cost"],
    [
      "cost", "--images-per-second", "63", "--train-images-per-second", "14", "--usd-to-train", "9",
    ],
    ["list", "networks"], ["list", "engines"], ["list", "instances"], ["list", "cases"],
    ["history", "list"], ["history", "show"], ["history", "trend"],
    ["history", "trend", "train/resnet50/b16/t2/native"], ["baseline", "list"],
    ["baseline", "show", "main"], ["report", "run1.json"],
    ["report", "run1.json", "run2.json", "run3.json"], ["selftest"],
  ]

  /// Answers to measurements, as short as they can be.
  private static let measured: [[String]] = [
    ["train"] + step + short,
    ["infer", "--explain"] + small + short, ["train", "--explain"] + step + short,
    ["infer", "--cheapest"] + small + short,
    ["infer", "--batch-size", "1,2,3,4,5,6,7,8,9,10"] + small + short,
    ["infer", "--scenario", "single-stream"] + small + short,
    ["run", "--smoke", "--filter", "^gemm/256|layer1.0.conv2/forward"] + short,
    [
      "compare", "old", "new", "--filter", "^gemm/", "--pairs", "4", "--processes", "3",
      "--no-save", "--no-confirm",
    ],
    ["check", "--baseline", "main", "--pairs", "4", "--processes", "3", "--no-save"],
    ["verify", "--network", "resnet20"],
  ]

  /// Runs of a history with a hundred cases, two executables and a baseline.
  private func prepare() throws {
    let directory = user.directory
    for day in 1...3 {
      var record = try SampleRuns.timed(
        date: "2026-11-0\(day)T10:00:00Z", slowness: 1 + Double(day) / 100)
      let kernel = record.cases[1]
      record.cases += (0..<100).map { number in
        var item = kernel
        (item.id, item.kind) = ("gemm/\(number + 1)x64x64/t2/native", .gemm)
        return item
      }
      let file = try directory.file("run\(day).json", try SampleRuns.data(record))
      try #require(try user.run("history", "import", file).status == 0)
    }
    for name in ["old", "new"] {
      _ = try ScriptedWorker.write(name, in: directory, ns: name == "old" ? 1_000_000 : 1_200_000)
    }
    let saved = try user.run(
      "baseline", "save", "main", "--binary", directory.path("old"), "--threads", "1", "--filter",
      "^gemm/256x")
    try #require(saved.status == 0, "\(saved.errors)")
  }

  private func expectAScreen(_ arguments: [String], codes: Set<Int32> = [0]) throws {
    let words = arguments.map { ["old", "new"].contains($0) ? user.directory.path($0) : $0 }
    let outcome = try user.start(words).result(timeout: 300)
    #expect(codes.contains(outcome.status), "\(arguments): \(outcome.errors)")
    let lines = outcome.output.count { $0 == "\n" }
    #expect((1...40).contains(lines), "\(arguments) prints \(lines) lines:\n\(outcome.output)")
  }

  @Test func whatIsStoredIsAnsweredOnAScreen() throws {
    try prepare()
    for arguments in Self.stored { try expectAScreen(arguments) }
  }

  /// Beside other tests a rate may be refused as impossible (7), and what is slower is told (2).
  @Test(arguments: measured) func whatIsMeasuredIsAnsweredOnAScreen(_ arguments: [String]) throws {
    let comparisons = ["compare", "check"]
    if comparisons.contains(arguments[0]) { try prepare() }
    let codes: [String: Set<Int32>] = ["compare": [0, 2], "check": [0, 2], "verify": [0]]
    try expectAScreen(arguments, codes: codes[arguments[0]] ?? [0, 7])
  }

  /// This machine's figures stand at the end of a recomputation that is cut.
  @Test func aClaimIsShownWithWhatThisMachineDoes() throws {
    let run = try user.directory.file("run.json", Data(SampleRuns.inference.utf8))
    try expectAScreen(["claims", "show", "inference-cost-1b-end", "--run", run])
    let here = try user.run("claims", "show", "inference-cost-1b-end", "--run", run).output
    #expect(here.replacing(/\s+/, with: " ").contains("classified here: 1000 USD"), "\(here)")
  }

  @Test func fullPrintsMore() throws {
    try prepare()
    for arguments in [
      ["claims"], ["claims", "list"], ["list", "cases"], ["history", "trend"], ["history", "show"],
      ["report", "run1.json"],
    ] {
      let brief = try user.start(arguments).result().output
      #expect(brief.contains("--full"), "\(arguments) does not say where the rest is")
      let asked = arguments == ["claims"] ? ["claims", "list"] : arguments
      let full = try user.start(asked + ["--full"]).result().output
      #expect(full.count { $0 == "\n" } > 100, "\(arguments)")
      #expect(full.count > brief.count)
    }
  }

  /// A new command has to be answered here too.
  @Test func noCommandIsForgotten() throws {
    struct Help: Decodable {
      struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
      }
      var command: Command
    }
    let dump = try CommandProcess(["--experimental-dump-help"]).output
    let tree = try JSONDecoder().decode(Help.self, from: Data(dump.utf8)).command
    var names: Set<String> = []
    for command in tree.subcommands ?? [] where command.commandName != "help" {
      let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
      if below.isEmpty { names.insert(command.commandName) }
      names.formUnion(below.map { "\(command.commandName) \($0.commandName)" })
    }
    let walked = Set(
      (Self.stored + Self.measured).flatMap { words in
        [words[0], words.prefix(2).joined(separator: " ")]
      })
    #expect(names.count > 20)
    #expect(names.subtracting(walked).subtracting(Self.elsewhere) == [])
  }
}

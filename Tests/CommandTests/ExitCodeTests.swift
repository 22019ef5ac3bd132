import Foundation
import TestSupport
import Testing

/// Each documented exit code, produced by a process.
///
/// The codes are read from `costcurve --help`: one that is documented and not produced here, or
/// produced here and not documented, is a failure.
struct ExitCodeTests {
  /// How a code is produced: a command line, and what it needs in the folder first.
  private struct Recipe: Sendable {
    var name: String
    var run: @Sendable (TemporaryDirectory) throws -> CommandProcess
  }

  private static func command(_ arguments: String...) -> Recipe {
    Recipe(name: arguments.joined(separator: " ")) { _ in try CommandProcess(arguments) }
  }

  /// `compare` of two scripted workers, the new one taking `new` where the old one takes 1 ms.
  private static func compare(
    _ name: String, new: Int, correctness: String = "passed", protocolVersion: Int = 1,
    onRun: String = "", processes: Int = 3, _ more: String...
  ) -> Recipe {
    Recipe(name: "compare: \(name)") { folder in
      let a = try ScriptedWorker.write("old", in: folder, ns: 1_000_000)
      let b = try ScriptedWorker.write(
        "new", in: folder, ns: new, correctness: correctness, protocolVersion: protocolVersion,
        onRun: onRun)
      return try CommandProcess(
        [
          "compare", a, b, "--filter", "^gemm/256x", "--threads", "1", "--processes",
          "\(processes)", "--pairs", "4", "--no-save",
        ] + more)
    }
  }

  private static let recipes: [Int32: [Recipe]] = [
    0: [command("claims", "audit"), compare("the same", new: 1_000_000)],
    1: [
      Recipe(name: "report of a file that is no record") { folder in
        try CommandProcess(["report", try folder.file("x.json", Data("{}".utf8))])
      },
      command("infer", "--network", "resnet50", "--batch-size", "60000", "--no-save"),
    ],
    2: [compare("a slower build", new: 1_100_000)],
    3: [
      command("kernels", "--filter", "^nothing$", "--no-save"),
      command("run", "--filter", "^nothing$", "--no-save"),
      command("compare", "native", "native", "--filter", "^nothing$", "--no-save"),
      compare("a crash", new: 1, onRun: "kill -9 $$;"),
    ],
    4: [compare("a faster build", new: 900_000, "--fail-on", "improvement")],
    5: [
      command("infer", "--network", "resnet51"), command("check", "--baseline", "no-such-baseline"),
      command("claims", "show", "no-such-claim"), command("report", "/no/such/run.json"),
      Recipe(name: "history without a database") { folder in
        try CommandProcess(["history", "list", "--database", folder.path("h.sqlite")])
      },
    ],
    6: [
      command("infer", "--no-save", "-o", "/no/such/folder/x.json"),
      command("claims", "audit", "-o", "/dev/full"),
      Recipe(name: "standard output on a full disk") { _ in
        let binary = try CommandProcess.binary().path
        return try CommandProcess(["-c", "'\(binary)' list networks > /dev/full"], of: "/bin/sh")
      },
    ],
    7: [compare("a wrong answer", new: 1, correctness: "failed")],
    8: [
      compare(
        "too little to tell", new: 1_100_000, processes: 1, "--fail-on", "inconclusive")
    ],
    9: [
      compare("an older protocol", new: 1, protocolVersion: 0),
      Recipe(name: "a journal of a later version") { folder in
        let newer = #"{"begun":{"head":{"schemaVersion":2}}}"# + "\n"
        _ = try folder.file("unfinished.jsonl", Data(newer.utf8))
        return try CommandProcess(["run", "--resume", "--output-folder", folder.root])
      },
    ],
    10: [
      Recipe(name: "an audit of a changed cell") { folder in
        let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
          .appendingPathComponent("../../Sources/Economics/Data/facts.csv")
        let text = try String(contentsOf: data, encoding: .utf8)
        let changed = text.replacing("bert_days,4,", with: "bert_days,12,")
        #expect(changed != text)
        _ = try folder.file("facts.csv", Data(changed.utf8))
        return try CommandProcess(["claims", "audit", "--claims", folder.root])
      }
    ],
    64: [command("infer", "--threads", "0"), command("no-such-command")],
    130: [
      Recipe(name: "Ctrl-C") { _ in
        let binary = try CommandProcess.binary().path
        let script = "'\(binary)' kernels --filter '^gemm/256' --duration 30s --no-save & "
        // The shell's children ignore SIGINT unless it is asked for by a handler of their own.
        return try CommandProcess(
          ["-c", script + "p=$!; sleep 2; kill -INT $p; wait $p"], of: "/bin/sh")
      }
    ],
  ]

  private func documented() throws -> [Int32] {
    let help = try CommandProcess(["--help"]).output
    let start = try #require(help.range(of: "Exit codes:"))
    return help[start.upperBound...].split(separator: "\n")
      .prefix { $0.wholeMatch(of: /\s+[0-9]+  .*/) != nil }
      .compactMap { $0.split(separator: " ").first.flatMap { Int32($0) } }
  }

  @Test func everyDocumentedCodeHasARecipe() throws {
    #expect(try documented() == Self.recipes.keys.sorted())
  }

  @Test(arguments: recipes.keys.sorted()) func theCodeIsProduced(_ code: Int32) throws {
    for recipe in Self.recipes[code] ?? [] {
      let outcome = try recipe.run(try TemporaryDirectory())
      #expect(outcome.status == code, "\(recipe.name): \(outcome.errors)")
      // Whoever is not told by a report why it ended is told by a sentence.
      if ![0, 2, 4, 7, 8, 10, 130].contains(code) {
        #expect(!outcome.errors.isEmpty, "\(recipe.name) said nothing")
      }
    }
  }
}

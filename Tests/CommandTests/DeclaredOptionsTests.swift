import Foundation
import Harness
import TestSupport
import Testing

/// What the declarations of options say of them holds wherever it is used.
struct DeclaredOptionsTests {
  private struct Help: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    struct Argument: Decodable {
      var kind: String
      var names: [Name]?
      var completionKind: [String: JSONValue]?
      var isFile: Bool { completionKind?["file"] != nil || completionKind?["directory"] != nil }
    }
    struct Command: Decodable {
      var subcommands: [Command]?
      var arguments: [Argument]?
      var all: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.all) }
    }
    var command: Command
  }

  private func options() throws -> [Help.Argument] {
    let dump = try CommandProcess(["--experimental-dump-help"]).output
    return try JSONDecoder().decode(Help.self, from: Data(dump.utf8)).command.all
      .filter { $0.kind == "option" }
  }

  /// Options with a value that is neither a file nor a folder.
  private static let plain: Set = [
    "threads", "filter", "duration", "processes", "seed", "usd-per-hour", "instance",
    "hardware-usd", "lifetime-years", "watts", "usd-per-kwh", "format", "engine", "network",
    "batch-size", "input-size", "classes", "margin", "fail-on", "only", "limit", "case", "machine",
    "to", "before", "keep", "note", "verdict", "document", "kind", "at", "steps", "learning-rate",
    "momentum", "weight-decay", "epochs", "until-accuracy", "dataset", "train-images", "baseline",
    "networks", "target", "accuracy", "images-per-second", "confirm-processes", "wait-for-quiet",
    "train-images-per-second", "pairs", "looks", "usd-per-billion-images", "usd-to-train", "seeds",
    "sequence", "scenario", "streams", "samples", "precision", "method", "percentile",
    "beside-f32", "ranks", "shards", "stall", "overlap", "bucket-mib", "all-reduce", "launcher",
    "link-gbit", "link-us", "critical-batch", "until-loss",
  ]

  @Test func everyOptionSaysWhetherItIsAFile() throws {
    let undecided = try options().filter { option in
      !option.isFile && !(option.names ?? []).contains { Self.plain.contains($0.name) }
    }.map { ($0.names ?? []).map(\.name).joined(separator: ", ") }
    #expect(
      Set(undecided) == [],
      "declare a file or folder with 'completion:', and name any other option in this test")
  }

  /// Every option that takes a file, in both spellings, in the arguments and in the line that
  /// repeats a case.
  @Test func noFileOfAnyOptionSurvivesRedaction() throws {
    let names = try options().filter(\.isFile).flatMap { $0.names ?? [] }
      .map { ($0.kind == "long" ? "--" : "-") + $0.name }
    for name in ["--weights", "--run-directory", "--peers-folder", "--save-weights", "-o"] {
      #expect(names.contains(name))
    }
    let words = names.flatMap { [$0, "hush/file.bin", "\($0)=hush.bin", $0, "hush two.bin"] }
    var record = try SampleRuns.timed()
    record.context.arguments = ["run"] + words
    record.cases[0].repeat =
      "costcurve infer " + words.map(ShellWords.quoted).joined(separator: " ")
    let folder = try UserFolder()
    let file = try folder.directory.file("run.json", try SampleRuns.data(record))
    let outcome = try folder.run("report", file, "--redact", "--format", "json", "--no-history")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("hush"))
    #expect(outcome.output.contains("\(names[0]) (path)"))
  }
}

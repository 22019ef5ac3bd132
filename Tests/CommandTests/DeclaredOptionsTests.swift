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
      var abstract: String?
      var completionKind: [String: JSONValue]?
      var isFile: Bool { completionKind?["file"] != nil || completionKind?["directory"] != nil }
    }
    struct Command: Decodable {
      var subcommands: [Command]?
      var commandName: String
      var arguments: [Argument]?
      var below: [Command] { [self] + (subcommands ?? []).flatMap(\.below) }
      var all: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.all) }
    }
    var command: Command
  }

  private func root() throws -> Help.Command {
    let dump = try CommandProcess(["--experimental-dump-help"]).output
    return try JSONDecoder().decode(Help.self, from: Data(dump.utf8)).command
  }

  private func options() throws -> [Help.Argument] {
    try root().all.filter { $0.kind == "option" }
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
    "link-gbit", "link-us", "critical-batch", "until-loss", "weight-bits",
  ]

  @Test func everyOptionSaysWhetherItIsAFile() throws {
    let undecided = try options().filter { option in
      !option.isFile && !(option.names ?? []).contains { Self.plain.contains($0.name) }
    }.map { ($0.names ?? []).map(\.name).joined(separator: ", ") }
    #expect(
      Set(undecided) == [],
      "declare a file or folder with 'completion:', and name any other option in this test")
  }

  /// What many commands have, and help names last.
  private static let common: Set = [
    "filter", "list", "quick", "rigorous", "duration", "processes", "seed", "wait-for-quiet",
    "no-save", "database", "usd-per-hour", "instance", "hardware-usd", "lifetime-years", "watts",
    "usd-per-kwh", "claims", "run", "format", "output", "full", "quiet", "no-color", "version",
    "help",
  ]

  @Test func helpNamesFirstWhatOnlyACommandHas() throws {
    let first: Set = ["filter", "database", "usd-per-hour", "format"]
    for command in try root().below where command.commandName != "help" {
      let names = (command.arguments ?? []).filter { $0.kind != "positional" }
        .map { ($0.names ?? []).filter { $0.kind == "long" }.map(\.name).first ?? "" }
      let late = names.drop { !first.contains($0) }.filter { !Self.common.contains($0) }
      #expect(late.isEmpty, "\(command.commandName): \(late)")
    }
  }

  @Test func onlyInferMeasuresEachOfSeveralThreadCounts() throws {
    var commands: [String] = []
    for command in try root().below {
      for option in command.arguments ?? []
      where (option.names ?? []).contains(where: { $0.name == "threads" }) {
        commands.append(command.commandName)
        let saysSo = option.abstract?.contains("list") == true
        #expect(saysSo == (command.commandName == "infer"), "\(command.commandName)")
      }
    }
    #expect(commands.contains("infer") && commands.count > 8, "\(commands)")
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

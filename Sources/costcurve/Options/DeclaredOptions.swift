import ArgumentParser
import Foundation
import Harness

/// The options of all commands, as they are declared.
enum DeclaredOptions {
  private struct Help: Decodable { var command: Command }
  private struct Command: Decodable {
    var subcommands: [Command]?
    var arguments: [Argument]?
  }
  private struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
      var spelling: String { (kind == "long" ? "--" : "-") + name }
    }
    var names: [Name]?
    var completionKind: [String: JSONValue]?

    var isFile: Bool { completionKind?["file"] != nil || completionKind?["directory"] != nil }
  }

  /// Those whose value is declared to be a file or a folder, with their dashes.
  ///
  /// - Throws: What reading the parser's own description throws.
  static func files() throws -> Set<String> {
    let text = CostCurve._dumpHelp()
    return files(in: try JSONDecoder().decode(Help.self, from: Data(text.utf8)).command)
  }

  private static func files(in command: Command) -> Set<String> {
    let own = (command.arguments ?? []).filter(\.isFile).flatMap { $0.names ?? [] }
    return (command.subcommands ?? []).reduce(into: Set(own.map(\.spelling))) {
      $0.formUnion(files(in: $1))
    }
  }
}

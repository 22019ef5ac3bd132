import ArgumentParser
import Foundation
import Harness

/// A command as it is declared: what its help, its manual page and hints at options are made of.
struct DeclaredCommand: Decodable {
  /// Its name without those of the commands above it.
  var commandName: String
  var abstract: String?
  var discussion: String?
  /// False for commands that no person types.
  var shouldDisplay: Bool?
  var subcommands: [DeclaredCommand]?
  var arguments: [DeclaredArgument]?

  /// The subcommands that help names, without 'help' itself.
  var shown: [DeclaredCommand] {
    (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
  }

  /// The whole command line, as the parser describes it.
  ///
  /// - Throws: What reading that description throws.
  static func root() throws -> DeclaredCommand {
    struct Help: Decodable { var command: DeclaredCommand }
    return try JSONDecoder().decode(Help.self, from: Data(CostCurve._dumpHelp().utf8)).command
  }

  /// The options of it and of all below it whose value is declared to be a file or a folder, with
  /// their dashes.
  var fileOptions: Set<String> {
    let own = (arguments ?? []).filter(\.isFile).flatMap(\.spellings)
    return (subcommands ?? []).reduce(into: Set(own)) { $0.formUnion($1.fileOptions) }
  }

  /// The command that the first words name, with all of their names: `claims list`.
  func named(by words: some Sequence<String>) -> (command: DeclaredCommand, path: [String]) {
    var (command, path) = (self, [commandName])
    for word in words {
      guard let next = command.subcommands?.first(where: { $0.commandName == word }) else { break }
      (command, path) = (next, path + [word])
    }
    return (command, path)
  }
}

/// An argument, option or flag as it is declared.
struct DeclaredArgument: Decodable {
  enum Kind: String, Decodable { case positional, option, flag }

  struct Name: Decodable {
    var kind: String
    var name: String
    /// With its dashes.
    var spelling: String { (kind == "long" ? "--" : "-") + name }
  }

  var kind: Kind
  var abstract: String?
  var names: [Name]?
  var valueName: String?
  var defaultValue: String?
  var isOptional: Bool?
  var isRepeating: Bool?
  var completionKind: [String: JSONValue]?

  /// Its spellings, none for a positional argument.
  var spellings: [String] { (names ?? []).map(\.spelling) }
  /// Whether its value is declared to be a file or a folder.
  var isFile: Bool { completionKind?["file"] != nil || completionKind?["directory"] != nil }
}

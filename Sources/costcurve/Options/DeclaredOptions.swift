/// The options of all commands, as they are declared.
enum DeclaredOptions {
  /// Those whose value is declared to be a file or a folder, with their dashes.
  ///
  /// - Throws: What reading the parser's own description throws.
  static func files() throws -> Set<String> { files(in: try DeclaredCommand.root()) }

  private static func files(in command: DeclaredCommand) -> Set<String> {
    let own = (command.arguments ?? []).filter(\.isFile).flatMap(\.spellings)
    return (command.subcommands ?? []).reduce(into: Set(own)) { $0.formUnion(files(in: $1)) }
  }
}

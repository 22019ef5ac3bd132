/// One command's manual page for `man`, from what its declaration says.
struct ManualPage {
  /// The names that lead to the command, such as `costcurve claims list`.
  let path: [String]
  let command: DeclaredCommand
  let version: String

  /// The pages of a command and of all that stand below it.
  ///
  /// - Parameters:
  ///   - command: Where to begin.
  ///   - above: Names of the commands above it.
  ///   - version: Of the program.
  /// - Returns: Its own first.
  static func all(
    of command: DeclaredCommand, below above: [String] = [], version: String
  ) -> [ManualPage] {
    let path = above + [command.commandName]
    return [ManualPage(path: path, command: command, version: version)]
      + command.shown.flatMap { all(of: $0, below: path, version: version) }
  }

  /// The page's name and that of its file without its section: `costcurve-claims-list`.
  var name: String { path.joined(separator: "-") }
  /// The name of its file: `costcurve-claims-list.1`.
  var file: String { name + ".1" }

  /// The page in the macros of `man`.
  var text: String {
    let abstract = (command.abstract ?? "").drop(trailing: ".")
    var lines = [
      ".TH \(Roff.text(name.uppercased())) 1 \"\" \"costcurve \(Roff.text(version))\" \"\"",
      ".SH NAME", "\(Roff.text(name)) \\- \(Roff.text(abstract))", ".SH SYNOPSIS", synopsis,
    ]
    let (prose, examples) = paragraphs
    if !prose.isEmpty {
      lines += [".SH DESCRIPTION"] + prose.flatMap { [".PP"] + $0.map(Roff.line) }
    }
    if !command.shown.isEmpty {
      lines.append(".SH COMMANDS")
      for next in command.shown {
        lines += [".TP", Roff.bold(next.commandName), Roff.line(next.abstract ?? "")]
      }
    }
    for (heading, kinds) in [
      ("ARGUMENTS", [DeclaredArgument.Kind.positional]), ("OPTIONS", [.option, .flag]),
    ] {
      let arguments = (command.arguments ?? []).filter { kinds.contains($0.kind) }
      if !arguments.isEmpty { lines += [".SH \(heading)"] + arguments.flatMap(item) }
    }
    if !examples.isEmpty {
      lines += [".SH EXAMPLES"] + examples.flatMap { [".PP", ".nf", Roff.line($0), ".fi"] }
    }
    return (lines + seeAlso).joined(separator: "\n") + "\n"
  }

  /// `costcurve infer [options] [network]`.
  private var synopsis: String {
    let arguments = command.arguments ?? []
    var parts = [Roff.bold(path.joined(separator: " "))]
    for argument in arguments where argument.kind == .option && argument.isOptional == false {
      parts.append(heading(of: argument))
    }
    parts.append("[options]")
    if !command.shown.isEmpty { parts.append(Roff.italic("command")) }
    for argument in arguments where argument.kind == .positional {
      let more = argument.isRepeating == true ? " ..." : ""
      let name = Roff.italic(argument.valueName ?? "value") + more
      parts.append(argument.isOptional == false ? name : "[\(name)]")
    }
    return parts.joined(separator: " ")
  }

  /// The discussion's paragraphs, line by line, and the commands that it shows as examples.
  private var paragraphs: (prose: [[String]], examples: [String]) {
    var (prose, examples): ([[String]], [String]) = ([], [])
    for paragraph in (command.discussion ?? "").split(separator: "\n\n") {
      let parts = paragraph.split(separator: "Example: ", omittingEmptySubsequences: false)
      if !parts[0].isEmpty { prose.append(parts[0].split(separator: "\n").map(String.init)) }
      examples += parts.dropFirst().map { $0.replacing("\n", with: " ").drop(trailing: " ") }
    }
    return (prose, examples)
  }

  private func item(_ argument: DeclaredArgument) -> [String] {
    let usual = argument.defaultValue.map { " (default: \($0))" } ?? ""
    return [".TP", heading(of: argument), Roff.line((argument.abstract ?? "") + usual)]
  }

  /// `-o, --output output`.
  private func heading(of argument: DeclaredArgument) -> String {
    let value = Roff.italic(argument.valueName ?? "value")
    switch argument.kind {
    case .positional: return value
    case .flag: return argument.spellings.map(Roff.bold).joined(separator: ", ")
    case .option: return argument.spellings.map(Roff.bold).joined(separator: ", ") + " " + value
    }
  }

  private var seeAlso: [String] {
    guard path.count > 1 else { return [] }
    let above = path.dropLast().joined(separator: "-")
    return [".SH SEE ALSO", Roff.bold(above) + "(1)"]
  }
}

/// Text as the formatter of manual pages takes it.
private enum Roff {
  /// Text within a line, in which nothing is an instruction and no dash or quote is made prettier.
  static func text(_ text: some StringProtocol) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      default: result.append(character)
      }
    }
  }

  /// A line of text, also where it begins with a dot.
  static func line(_ line: some StringProtocol) -> String {
    (line.hasPrefix(".") ? "\\&" : "") + text(line)
  }

  static func bold(_ word: String) -> String { "\\fB\(text(word))\\fR" }
  static func italic(_ word: String) -> String { "\\fI\(text(word))\\fR" }
}

extension StringProtocol {
  /// The text without that character at its end.
  fileprivate func drop(trailing character: Character) -> String {
    last == character ? String(dropLast()) : String(self)
  }
}

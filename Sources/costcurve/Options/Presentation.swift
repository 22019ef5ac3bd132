import ArgumentParser

/// Options that say where output goes and what of it is kept; they change no figure.
///
/// Every other option belongs to the question that a run answers, so that an interrupted run is
/// resumed only where those are the same: see `Question`.
protocol Presentation: ParsableArguments {}

/// Whether the result goes into the history.
struct SaveOptions: Presentation {
  @Flag(name: .customLong("no-save"), help: "Do not add the result to the history.")
  var noSave = false

  @OptionGroup var history: HistoryOptions
}

/// Whether cases are only named.
struct ListOptions: Presentation {
  @Flag(help: "Print the cases' ids and measure nothing.")
  var list = false
}

/// Where a run leaves its report, and whether it resumes what lies there.
struct RunFolderOptions: Presentation {
  @Option(
    name: .customLong("output-folder"), help: "Where the report goes.", completion: .directory)
  var outputFolder = "report"

  @Flag(help: "Finish the interrupted run of the output folder, as it was begun.")
  var resume = false
}

/// What a command asks, whichever way the answer is presented.
enum Question {
  /// The values of all options but those of `Presentation`, by where they are declared.
  ///
  /// - Parameter command: As it was parsed.
  /// - Returns: Equal values for equal questions.
  static func options(of command: some ParsableCommand) -> [String: String] {
    var found: [String: String] = [:]
    collect(command, at: "", into: &found)
    return found
  }

  private static func collect(_ value: Any, at place: String, into found: inout [String: String]) {
    if value is any Presentation { return }
    let members = Mirror(reflecting: value).children
    if let parsed = members.first(where: { $0.label == "_parsedValue" })?.value {
      // An option or a group of them; what it was given is the payload of `value`.
      guard let given = Mirror(reflecting: parsed).children.first(where: { $0.label == "value" })
      else { return }
      collect(given.value, at: place, into: &found)
    } else if value is any ParsableArguments {
      for member in members {
        collect(member.value, at: place + (member.label ?? ""), into: &found)
      }
    } else {
      found[place] = "\(value)"
    }
  }
}

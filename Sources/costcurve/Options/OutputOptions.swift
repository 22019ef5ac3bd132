import ArgumentParser
import Formats
import Foundation

/// The forms that a result can be written in.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv, markdown, html
}

/// The forms of a result that is a few lines or checks, with no table in it.
enum SummaryFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

/// Where the data goes, and in what form.
struct OutputOptions: Presentation {
  @Option(help: "How to write the result: text, json, csv, markdown or html.")
  var format: OutputFormat = .text

  @Option(
    name: [.customShort("o"), .long],
    help: "Write to this file; to standard output without it, or for -.",
    completion: .file())
  var output: String?

  @Flag(help: "Print everything as text or Markdown, not only the answer on one screen.")
  var full = false

  @Flag(help: "No progress and no notes on standard error.")
  var quiet = false

  @Flag(name: .customLong("no-color"), help: "No colours; the variable NO_COLOR does the same.")
  var noColor = false

  /// Whether text on standard output may carry colours.
  var usesColor: Bool {
    !noColor && ProcessInfo.processInfo.environment["NO_COLOR"].map(\.isEmpty) ?? true
      && Console.outputIsTerminal && (output ?? "-") == "-"
  }

  /// Refuses a place that cannot be written before anything is measured for it.
  func refuseUnwritable() throws {
    if let output, output != "-" { try AtomicFile.refuseUnwritable(output) }
  }

  /// Writes the rendered result to where the user wants it.
  func emit(_ text: String) throws {
    guard let output, output != "-" else { return try Console.write(text) }
    try AtomicFile.write(Data(text.utf8), to: output)
  }

  /// Says something to the person at the terminal, unless told to be quiet.
  func note(_ line: String) {
    if !quiet { Console.error(line) }
  }
}

import ArgumentParser
import Harness
import Reporter

/// `costcurve report`: a stored run as text, Markdown, CSV, JSON or a page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Render stored runs; several are set side by side.",
    discussion: "Example: costcurve report report/run.json --format html -o report.html")

  @Argument(help: "Records written by 'costcurve run' (run.json) or with --format json.")
  var runs: [String]

  @Flag(help: "Leave out host names, user names and paths.")
  var redact = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    var records = try runs.flatMap { try RecordFile.read($0) }
    if redact {
      let redaction = Redaction.here()
      records = try records.map { try redaction.record($0) }
    }
    let report = try Report(records[0], others: Array(records.dropFirst()))
    try output.emit(try Rendering.text(of: report, as: output))
  }
}

import Basics
import Harness
import Reporter

/// A result in the form that `--format` asks for.
enum Rendering {
  /// Where all of a result is that is answered on one screen.
  static let rest =
    "--full prints all of it; --format csv, json, markdown or html with -o FILE writes it."

  /// A report.
  ///
  /// - Parameters:
  ///   - report: Of a run.
  ///   - output: The form; text on one screen unless `--full` is given.
  ///   - rest: Where the rest is, if it is not on the screen.
  /// - Returns: The text.
  /// - Throws: What the JSON encoder throws, which a record of finite numbers never makes it do.
  static func text(
    of report: Report, as output: OutputOptions, rest: String = Rendering.rest
  ) throws -> String {
    if output.format == .json { return try JSONReport().text(report) }
    let document = report.document
    return try text(
      of: document, onScreen: report.screen(of: document), json: report.record,
      csv: CSVReport().text(report), rest: rest, as: output)
  }

  /// A document.
  ///
  /// - Parameters:
  ///   - document: All that there is to say.
  ///   - brief: What of it belongs on one screen; its beginning unless given.
  ///   - json: The value itself.
  ///   - csv: One row a measurement; the document's tables unless given.
  ///   - rest: Where the rest is, if it is not on the screen.
  ///   - output: The form; text on one screen unless `--full` is given.
  /// - Returns: The text.
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  static func text(
    of document: Document, onScreen brief: Document? = nil, json: some Encodable,
    csv: @autoclosure () -> String? = nil, rest: String = Rendering.rest, as output: OutputOptions
  ) throws -> String {
    switch output.format {
    case .text where output.full: terminal(output).text(document)
    case .text: screen(output).text(brief ?? document, of: document, rest: rest)
    case .json: try RecordJSON.text(json)
    case .csv: csv() ?? CSVReport().text(document)
    case .markdown: markdown(output).text(document)
    case .html: HTMLReport().text(document)
    }
  }

  /// One screen of the terminal that there is.
  static func screen(_ output: OutputOptions) -> ScreenReport {
    ScreenReport(width: Console.width, usesColor: output.usesColor)
  }

  /// As wide as the terminal that there is.
  static func terminal(_ output: OutputOptions) -> TerminalReport {
    TerminalReport(width: Console.width, usesColor: output.usesColor)
  }

  /// The answer first and the rest folded, as long as GitHub takes it; all of it with `--full`.
  private static func markdown(_ output: OutputOptions) -> MarkdownReport {
    output.full
      ? MarkdownReport()
      : MarkdownReport(
        isSummary: true, limit: MarkdownReport.githubLimit, rest: "--full prints them.")
  }
}

extension OutputOptions {
  /// Writes a result that has words of its own: those where they fit a screen or all was asked for,
  /// else its document.
  ///
  /// - Parameters:
  ///   - document: The same as headings and tables.
  ///   - brief: What of it belongs on one screen; its beginning unless given.
  ///   - json: The value itself.
  ///   - csv: One row a measurement.
  ///   - text: All of it in words.
  /// - Throws: `Problem` of kind `cannotWrite`, or what the encoder throws.
  func emit(
    _ document: Document, onScreen brief: Document? = nil, json: some Encodable, csv: String,
    text: String
  ) throws {
    let isShort = text.count(where: \.isNewline) <= ScreenReport.lines
    if format == .text, full || isShort { return try emit(text) }
    try emit(Rendering.text(of: document, onScreen: brief, json: json, csv: csv, as: self))
  }
}

extension Document.Section {
  /// A section that is one table.
  static func plain(_ title: String, _ table: DataTable) -> Document.Section {
    Document.Section(
      id: table.id, title: title, short: title, lead: "", blocks: [.table(table)])
  }
}

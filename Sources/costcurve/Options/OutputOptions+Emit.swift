import Harness
import Reporter

extension OutputOptions {
  /// Where all of a result is that is answered on one screen.
  static let rest =
    "--full prints all of it; --format csv, json, markdown or html with -o FILE writes it."

  /// Writes a report in the form that `--format` asks for.
  ///
  /// - Parameters:
  ///   - report: Of a run.
  ///   - document: Its document, where that is made already.
  ///   - rest: Where the rest is, if it is not on the screen.
  /// - Throws: `Problem` of kind `cannotWrite`.
  func emit(
    _ report: Report, as document: Document? = nil, rest: String = OutputOptions.rest
  ) throws {
    if format == .json { return try emit(JSONReport().text(report)) }
    let document = document ?? report.document
    try emit(
      document, onScreen: report.screen(of: document), json: report.record,
      csv: CSVReport().text(report), rest: rest)
  }

  /// Writes a document in the form that `--format` asks for.
  ///
  /// - Parameters:
  ///   - document: All that there is to say.
  ///   - brief: What of it belongs on one screen; its beginning unless given.
  ///   - json: The value itself.
  ///   - csv: One row a measurement; the document's tables unless given.
  ///   - rest: Where the rest is, if it is not on the screen.
  /// - Throws: `Problem` of kind `cannotWrite`.
  func emit(
    _ document: Document, onScreen brief: Document? = nil, json: some Encodable,
    csv: @autoclosure () -> String? = nil, rest: String = OutputOptions.rest
  ) throws {
    let text =
      switch format {
      case .text where full: terminal.text(document)
      case .text: screen.text(brief ?? document, of: document, rest: rest)
      case .json: try RecordJSON.text(json)
      case .csv: csv() ?? CSVReport().text(document)
      case .markdown where full: MarkdownReport().text(document)
      case .markdown:
        // The answer first and the rest folded, as long as GitHub takes it.
        MarkdownReport(
          isSummary: true, limit: MarkdownReport.githubLimit, rest: "--full prints them."
        ).text(document)
      case .html: HTMLReport().text(document)
      }
    try emit(text)
  }

  /// One screen of the terminal that there is.
  var screen: ScreenReport { ScreenReport(width: Console.width, usesColor: usesColor) }

  /// As wide as the terminal that there is.
  var terminal: TerminalReport { TerminalReport(width: Console.width, usesColor: usesColor) }
}

extension Document.Section {
  /// A section that is one table.
  static func plain(_ title: String, _ table: DataTable) -> Document.Section {
    Document.Section(
      id: table.id, title: title, short: title, lead: "", blocks: [.table(table)])
  }
}

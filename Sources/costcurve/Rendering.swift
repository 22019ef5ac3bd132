import Basics
import Harness
import Reporter

/// A report in the form that `--format` asks for.
enum Rendering {
  /// - Throws: What the JSON encoder throws, which a record of finite numbers never makes it do.
  static func text(of report: Report, as output: OutputOptions) throws -> String {
    switch output.format {
    case .text:
      TerminalReport(width: min(Console.columns ?? 100, 100), usesColor: output.usesColor)
        .text(report)
    case .json: try JSONReport().text(report)
    case .csv: CSVReport().text(report)
    case .markdown: MarkdownReport().text(report)
    case .html: HTMLReport().text(report)
    }
  }
}

extension Rendering {
  /// A document in the form that `--format` asks for; JSON is the value itself.
  ///
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  static func text(
    of document: Document, json: some Encodable, as output: OutputOptions
  ) throws -> String {
    switch output.format {
    case .json: return try RecordJSON.text(json)
    case .csv: return CSVReport().text(document)
    case .markdown: return MarkdownReport().text(document)
    case .html: return HTMLReport().text(document)
    case .text:
      return TerminalReport(width: Console.columns ?? 100, usesColor: output.usesColor)
        .text(document)
    }
  }
}

extension Rendering {
  /// A cost in the form that `--format` asks for.
  ///
  /// - Throws: `usage` for a page, of which there is none.
  static func text(of answer: CostAnswer, in format: OutputFormat) throws -> String {
    switch format {
    case .text: return answer.text
    case .json: return try RecordJSON.text(answer)
    case .csv: return answer.csv
    case .markdown: return answer.markdown
    case .html: throw Problem(.usage, "a cost is written as text, json, csv or markdown.")
    }
  }
}

extension Document.Section {
  /// A section that is one table.
  static func plain(_ title: String, _ table: DataTable) -> Document.Section {
    Document.Section(
      id: table.id, title: title, short: title, lead: "", blocks: [.table(table)])
  }
}

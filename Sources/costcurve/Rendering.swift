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

import Basics
import Formats
import Foundation
import Harness
import History
import Reporter

/// Where a run leaves its record and its report.
struct RunFolder {
  let path: String

  /// Makes the folder where there is none.
  ///
  /// - Throws: `Problem` of kind `cannotWrite` where it or one of its files cannot be made.
  init(path: String) throws {
    self.path = path
    try Folder.make(path, hint: "; name another with --output-folder")
    for name in Self.files { try AtomicFile.refuseUnwritable(path + "/" + name) }
  }

  /// What a run leaves in the folder.
  private static let files = [recordName, "report.md", "report.html"]
  static let recordName = "run.json"

  /// Where all of the report is, in two lines.
  var rest: String {
    "All of it: report.html (a page), report.md and run.json in \(path)/.\n"
      + "'costcurve report \(ShellWords.quoted(path + "/run.json")) --full' prints it."
  }

  /// Replaces what the folder holds by this report and its document, the record first.
  func write(_ report: Report, _ document: Document) throws {
    let texts = [
      try JSONReport().text(report),
      MarkdownReport(limit: MarkdownReport.githubLimit, rest: "report.html has them.")
        .text(document),
      HTMLReport().text(document),
    ]
    for (name, text) in zip(Self.files, texts) {
      try AtomicFile.write(Data(text.utf8), to: path + "/" + name)
    }
  }
}

extension Session {
  /// Measures, and leaves the result in history, folder and standard output, the record first.
  ///
  /// - Throws: What the outcome asks for, after all has been written.
  func run(_ requests: [CaseRequest], leavingReportIn folder: RunFolder) throws {
    let (record, problem, _) = measure(requests)
    if problem == .interrupted, journal != nil {
      output.note(
        "'costcurve run --resume --output-folder \(folder.path)' measures what is missing.")
    }
    guard !record.cases.isEmpty else { throw Problem(problem ?? .caseFailed) }
    var report = try Report(record)
    report.recordFile = RunFolder.recordName
    if let store { try report.addHistory(of: Fingerprint(record.context), from: store) }
    let document = report.document
    try folder.write(report, document)
    let isAnswer = output.format == .text && !output.full
    if isAnswer {
      try output.emit(output.screen.ending(of: document, rest: folder.rest))
    } else {
      try output.emit(report, as: document)
    }
    if problem != .interrupted { journal?.remove() }
    if !isAnswer {
      output.note("The report is in \(folder.path)/: run.json, report.md, report.html.")
    }
    if let problem { throw Problem(problem) }
  }
}

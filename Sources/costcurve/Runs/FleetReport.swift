import Economics
import Foundation
import Harness
import Reporter

extension ReportCommand {
  /// Compares runs by the type of their machines.
  ///
  /// - Throws: `notComparable` where they are not of the same work, or at prices of several dates.
  func compareFleet() throws {
    var (files, records): ([String], [ResultRecord]) = ([], [])
    for path in runs {
      let name = URL(fileURLWithPath: path).lastPathComponent
      for record in try RecordFile.read(path) {
        files.append(name)
        records.append(record)
      }
    }
    if price.isGiven { records = try records.map { try priced($0) } }
    if redact {
      let redaction = Redaction.here(fileOptions: try DeclaredCommand.root().fileOptions)
      records = try records.map { try redaction.record($0) }
      files = files.map { redaction.text($0) }
    }
    let given = zip(files, records).map { (file: $0, record: $1) }
    let comparison = try FleetComparison(given)
    let document = Document(comparison, records: records)
    if let charts { try ChartFolder(path: charts).write(ChartFile.all(in: document)) }
    try output.emit(document, json: comparison, csv: comparison.csv)
  }
}

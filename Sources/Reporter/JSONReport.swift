import Harness

/// A report as its record: the published schema `costcurve.result`.
package struct JSONReport: Sendable {
  package init() {}

  /// The record; an array of records where there are several.
  package func text(_ report: Report) throws -> String {
    guard !report.others.isEmpty else { return try RecordJSON.text(report.record) }
    return try RecordJSON.text([report.record] + report.others)
  }
}

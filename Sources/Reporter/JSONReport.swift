import Harness

/// A report as its record: the published schema `costcurve.result`.
package struct JSONReport: Sendable {
  package init() {}

  /// The record; an array of records where there are several.
  ///
  /// Each without what cannot be so, and with its validity first.
  package func text(_ report: Report) throws -> String {
    let records = ([report.record] + report.others).map { $0.withholdingTheImpossible() }
    return records.count == 1 ? try RecordJSON.text(records[0]) : try RecordJSON.text(records)
  }
}

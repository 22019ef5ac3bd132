import Foundation
import Harness

/// A report as its record: the published schema `costcurve.result`.
package struct JSONReport: Sendable {
  package init() {}

  /// The record; an array of records where there are several.
  package func text(_ report: Report) throws -> String {
    let encoder = ResultRecord.encoder()
    let data =
      report.others.isEmpty
      ? try encoder.encode(report.record) : try encoder.encode([report.record] + report.others)
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

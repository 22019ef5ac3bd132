import Foundation
import Harness
import History

/// Forms of a result that other programs read.
package enum ExportFormat: String, CaseIterable, Sendable {
  case googleBenchmark = "google-benchmark"
  case bencher
  case githubActionBenchmark = "github-action-benchmark"
  case dawnbench
  case csv
  case json

  /// The record in this form; cases without a valid time are left out of all but CSV and JSON.
  ///
  /// - Throws: `HistoryError.absent` where DAWNBench's form asks for a case that is not there.
  package func text(of record: ResultRecord) throws -> String {
    let valid = record.cases.filter { $0.validity.ok && $0.statistics != nil }
    switch self {
    case .googleBenchmark: return try Self.encode(GoogleBenchmark(record, cases: valid))
    case .bencher: return try Self.encode(Self.bencher(valid))
    case .githubActionBenchmark: return try Self.encode(valid.map(GithubBenchmark.init))
    case .dawnbench: return try Self.dawnbench(record, cases: valid).text()
    case .csv: return CSVReport().text(Report(record: record))
    case .json: return try RecordJSON.text(record)
    }
  }

  /// JSON with the keys as they are, for forms that others have fixed.
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  // MARK: Bencher Metric Format

  /// A measure with its bounds, as Bencher names them.
  private struct Metric: Encodable {
    var value: Double
    var lower_value: Double?
    var upper_value: Double?
  }

  /// `{ benchmark: { measure: { value, lower_value, upper_value } } }`.
  private static func bencher(_ cases: [CaseRecord]) -> [String: [String: Metric]] {
    var result: [String: [String: Metric]] = [:]
    for item in cases {
      guard let statistics = item.statistics else { continue }
      var measures = [
        "latency": Metric(
          value: statistics.medianNs, lower_value: statistics.ci95Ns?.first,
          upper_value: statistics.ci95Ns?.last)
      ]
      if let rate = item.derived.imagesPerSecond {
        let ends = item.derived.imagesPerSecondCi95
        measures["throughput"] = Metric(
          value: rate, lower_value: ends?.first, upper_value: ends?.last)
      }
      result[item.id] = measures
    }
    return result
  }

  // MARK: github-action-benchmark

  /// One entry of `customSmallerIsBetter`.
  private struct GithubBenchmark: Encodable {
    var name: String
    var unit = "ns"
    var value: Double
    var range: String?
    var extra: String

    init(_ item: CaseRecord) {
      name = item.id
      value = item.statistics?.medianNs ?? 0
      range = item.statistics?.ci95Ns.map { "± \(Units.number(($0[1] - $0[0]) / 2))" }
      extra = "\(item.algorithm)\n\(item.repeat)"
    }
  }

  // MARK: DAWNBench

  /// The fastest inference of single images, with the latency in milliseconds and the USD per image
  /// that DAWNBench asked for; one file is one entry.
  ///
  /// The accuracy is left out where none was evaluated.
  private static func dawnbench(_ record: ResultRecord, cases: [CaseRecord]) throws
    -> DAWNBenchEntry
  {
    let single = cases.filter { $0.kind == .infer && $0.name.batch == 1 }
    let times = single.compactMap { item in item.statistics.map { (item, $0.medianNs) } }
    guard let (item, medianNs) = times.min(by: { $0.1 < $1.1 }) else {
      throw HistoryError(
        .absent,
        "the run has no inference of single images, which DAWNBench's form is for; 'costcurve infer' "
          + "measures one")
    }
    return DAWNBenchEntry(
      model: item.name.subject, hardware: record.context.machine.cpu,
      date: record.context.date, latency: medianNs / 1e6,
      cost: item.derived.usdPerBillionImages.map { $0 / 1e9 }, top5Accuracy: item.accuracy.top5,
      misc: ["case": item.id, "accuracy": item.accuracy.status, "repeat": item.repeat])
  }
}

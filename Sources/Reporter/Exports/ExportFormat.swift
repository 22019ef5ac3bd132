import Basics
import Foundation
import Harness

/// Forms of a result that other programs read.
package enum ExportFormat: String, CaseIterable, Sendable {
  case googleBenchmark = "google-benchmark"
  case bencher
  case githubActionBenchmark = "github-action-benchmark"
  case dawnbench
  case csv
  case json

  /// The record in this form, each case without a valid time as what the form has for a failure.
  ///
  /// CSV and JSON have the reasons, google/benchmark its error fields, Bencher a measure of its
  /// own, github-action-benchmark an entry that counts, DAWNBench its free text.
  ///
  /// - Throws: `Problem` of kind `absent` where DAWNBench's form asks for a case that is not there.
  package func text(of record: ResultRecord) throws -> String {
    switch self {
    case .googleBenchmark: return try Self.encode(GoogleBenchmark(record))
    case .bencher: return try Self.encode(Self.bencher(record.cases))
    case .githubActionBenchmark:
      return try Self.encode(
        record.cases.filter(\.isShown).map(GithubBenchmark.init(of:))
          + [GithubBenchmark(ofFailed: record.cases)])
    case .dawnbench: return try Self.dawnbench(record).text()
    case .csv: return CSVReport().text(Report(record: record))
    case .json: return try JSONReport().text(Report(record: record))
    }
  }

  /// One sentence about the cases of a record that have no valid time; nil where all have one.
  package static func failures(of record: ResultRecord) -> String? {
    let failed = record.cases.filter { !$0.isShown }
    guard !failed.isEmpty else { return nil }
    let reasons = failed.map { "\($0.id) (\($0.refusal))" }.joined(separator: ", ")
    return "\(failed.count) of \(Units.count(record.cases.count, "case")) without a valid time: "
      + "\(reasons)."
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
  ///
  /// The measure `failures` is 1 where there is no valid time and else 0, for a threshold to watch.
  private static func bencher(_ cases: [CaseRecord]) -> [String: [String: Metric]] {
    var result: [String: [String: Metric]] = [:]
    for item in cases {
      result[item.id] = ["failures": Metric(value: item.isShown ? 0 : 1)]
      guard item.isShown, let statistics = item.statistics else { continue }
      var measures = [
        "failures": Metric(value: 0),
        "latency": Metric(
          value: statistics.medianNs, lower_value: statistics.ci95Ns?.first,
          upper_value: statistics.ci95Ns?.last),
      ]
      if let rate = item.derived.rate {
        let ends = item.derived.rateCi95
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

    /// The entry that counts the failed: there in every run, so that the first failure is a rise.
    init(ofFailed cases: [CaseRecord]) {
      let failed = cases.filter { !$0.isShown }
      (name, unit, value) = ("failed cases", "cases", Double(failed.count))
      extra = failed.map { "\($0.id): \($0.refusal)" }.joined(separator: "\n")
    }

    init(of item: CaseRecord) {
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
  private static func dawnbench(_ record: ResultRecord) throws -> DAWNBenchEntry {
    let asked = record.cases.filter {
      $0.kind == .infer && $0.name.batch == 1 && $0.derived.workItem == .image
    }
    let (single, failed) = (asked.filter(\.isShown), asked.filter { !$0.isShown })
    let failures = failed.map { "\($0.id): \($0.refusal)" }.joined(separator: "; ")
    let times = single.compactMap { item in item.statistics.map { (item, $0.medianNs) } }
    guard let (item, medianNs) = times.min(by: { $0.1 < $1.1 }) else {
      throw Problem(
        .absent,
        "the run has no inference of single images, which DAWNBench's form is for; 'costcurve "
          + "infer' measures one" + (failed.isEmpty ? "" : ". Failed: \(failures)"))
    }
    var misc = ["case": item.id, "accuracy": item.accuracy.status, "repeat": item.repeat]
    if !failed.isEmpty { misc["failed"] = failures }
    return DAWNBenchEntry(
      model: item.name.subject, hardware: record.context.machine.cpu,
      date: record.context.date, latency: medianNs / 1e6,
      cost: item.derived.usdPerBillionImages.map { $0 / 1e9 }, top5Accuracy: item.accuracy.top5,
      misc: misc)
  }
}

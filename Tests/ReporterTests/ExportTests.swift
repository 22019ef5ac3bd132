import Basics
import Foundation
import Harness
import History
import Reporter
import TestSupport
import Testing

/// The shapes that other programs' readers ask for; `Tests/Exports/check.py` asks the readers.
struct ExportTests {
  private func object(_ format: ExportFormat) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(format.text(of: SampleReport.record).utf8))
  }

  private var valid: [CaseRecord] {
    SampleReport.record.cases.filter { $0.validity.ok && $0.statistics != nil }
  }

  @Test func googleBenchmarkHasARowPerProcessAndTheMedian() throws {
    let root = try #require(try object(.googleBenchmark) as? [String: Any])
    let context = try #require(root["context"] as? [String: Any])
    for key in [
      "date", "host_name", "executable", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled", "caches",
      "load_avg", "library_build_type",
    ] {
      #expect(context[key] != nil, "\(key)")
    }
    let rows = try #require(root["benchmarks"] as? [[String: Any]])
    let failed = SampleReport.record.cases.filter { !valid.contains($0) }
    #expect(!failed.isEmpty)
    for item in failed {
      let mine = rows.filter { $0["run_name"] as? String == item.id }
      #expect(mine.count == 1)
      #expect(mine.first?["error_occurred"] as? Bool == true)
      let message = mine.first?["error_message"] as? String
      #expect(message == item.validity.reasons.joined(separator: "; "))
      #expect(mine.first?["real_time"] as? Double == 0)
    }
    for item in valid {
      #expect(
        !rows.contains { $0["run_name"] as? String == item.id && $0["error_occurred"] != nil })
      let mine = rows.filter { $0["run_name"] as? String == item.id }
      let iterations = mine.filter { $0["run_type"] as? String == "iteration" }
      #expect(iterations.count == item.processes.count { !$0.samplesNs.isEmpty })
      for row in mine {
        #expect(row["time_unit"] as? String == "ns")
        #expect((row["real_time"] as? Double ?? 0) > 0)
        #expect((row["iterations"] as? Int ?? 0) > 0)
        #expect(row["name"] is String && row["threads"] is Int && row["repetitions"] is Int)
      }
      let median = mine.filter { $0["aggregate_name"] as? String == "median" }
      #expect(median.map { $0["name"] as? String } == [item.id + "_median"])
      let (found, expected) = (median.first?["real_time"] as? Double, item.statistics?.medianNs)
      #expect(abs((found ?? 0) / (expected ?? 1) - 1) < 1e-12)
    }
  }

  @Test func bencherHasAValueBetweenItsBounds() throws {
    let root = try #require(try object(.bencher) as? [String: [String: [String: Double]]])
    #expect(root.keys.sorted() == SampleReport.record.cases.map(\.id).sorted())
    for (name, measures) in root {
      let isValid = valid.contains { $0.id == name }
      #expect(measures["failures"]?["value"] == (isValid ? 0 : 1))
      guard isValid else {
        #expect(measures.count == 1, "\(name) has figures")
        continue
      }
      // The format's limits: 1024 characters a name, 64 a measure.
      #expect(name.count <= 1024 && measures.keys.allSatisfy { $0.count <= 64 })
      #expect(measures["latency"] != nil)
      for metric in measures.values {
        let value = try #require(metric["value"])
        #expect(
          (metric["lower_value"] ?? value) <= value && value <= metric["upper_value"] ?? value)
      }
    }
  }

  @Test func githubActionBenchmarkHasNameUnitAndValue() throws {
    let rows = try #require(try object(.githubActionBenchmark) as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == valid.map(\.id) + ["failed cases"])
    let failed = SampleReport.record.cases.filter { !valid.contains($0) }
    #expect(rows.last?["value"] as? Double == Double(failed.count))
    #expect(rows.last?["unit"] as? String == "cases")
    let extra = try #require(rows.last?["extra"] as? String)
    for item in failed {
      #expect(extra.contains(item.id) && extra.contains(item.validity.reasons[0]))
    }
    for row in rows.dropLast() {
      #expect(row["unit"] as? String == "ns" && (row["value"] as? Double ?? 0) > 0)
      #expect(row["range"] == nil || (row["range"] as? String)?.hasPrefix("± ") == true)
    }
  }

  @Test func dawnbenchIsOneEntryWithItsRequiredFields() throws {
    let entry = try #require(try object(.dawnbench) as? [String: Any])
    for key in [
      "version", "author", "authorEmail", "framework", "model", "hardware", "timestamp",
    ] {
      #expect(entry[key] is String, "\(key)")
    }
    #expect((entry["timestamp"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil)
    let single = valid.filter { $0.kind == .infer && $0.id.contains("/b1/") }
    let times = single.compactMap { $0.statistics?.medianNs }
    let latency = try #require(entry["latency"] as? Double)
    #expect(abs(latency * 1e6 / (times.min() ?? 1) - 1) < 1e-12)
    var without = SampleReport.record
    without.cases.removeAll { $0.kind == .infer }
    let error = #expect(throws: Problem.self) { try ExportFormat.dawnbench.text(of: without) }
    #expect(error?.kind == .absent)
  }

  /// A run of which nothing is left is not an empty success in any form.
  @Test(arguments: ExportFormat.allCases) func aRunThatFailedSaysSo(format: ExportFormat) throws {
    var record = SampleReport.record
    for index in record.cases.indices {
      record.cases[index].statistics = nil
      record.cases[index].validity = .init(ok: false, reasons: ["it was killed"])
    }
    let count = record.cases.count
    #expect(
      ExportFormat.failures(of: record)?.hasPrefix(
        "\(count) of \(count) cases without a valid time: ")
        == true)
    guard format != .dawnbench else {
      let error = #expect(throws: Problem.self) { try format.text(of: record) }
      #expect(error?.description.contains("it was killed") == true)
      return
    }
    let text = try format.text(of: record)
    if format == .bencher {
      #expect(text.count(where: { $0 == "1" }) >= count && text.contains("failures"))
    } else {
      #expect(text.contains("it was killed"))
    }
  }

  /// DAWNBench's one entry tells of the others that it might have been.
  @Test func dawnbenchNamesWhatFailed() throws {
    var record = SampleReport.record
    let single = record.cases.indices.filter {
      record.cases[$0].kind == .infer && record.cases[$0].id.contains("/b1/")
    }
    try #require(single.count > 1)
    record.cases[single[0]].validity = .init(ok: false, reasons: ["it was killed"])
    let text = try ExportFormat.dawnbench.text(of: record)
    #expect(text.contains("it was killed") && text.contains(record.cases[single[0]].id))
  }

  @Test func csvHasAsManyCellsInEveryLine() throws {
    let text = try ExportFormat.csv.text(of: SampleReport.record)
    let widths = text.split(whereSeparator: \.isNewline).map { line in
      line.replacing(/"[^"]*"/, with: "").count { $0 == "," }
    }
    #expect(Set(widths).count == 1 && widths.count > SampleReport.record.cases.count)
  }
}

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
    for item in valid {
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
    #expect(root.keys.sorted() == valid.map(\.id).sorted())
    for (name, measures) in root {
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
    #expect(rows.map { $0["name"] as? String } == valid.map(\.id))
    for row in rows {
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
    let error = #expect(throws: HistoryError.self) { try ExportFormat.dawnbench.text(of: without) }
    #expect(error?.exitCode == 5)
  }

  @Test func csvHasAsManyCellsInEveryLine() throws {
    let text = try ExportFormat.csv.text(of: SampleReport.record)
    let widths = text.split(whereSeparator: \.isNewline).map { line in
      line.replacing(/"[^"]*"/, with: "").count { $0 == "," }
    }
    #expect(Set(widths).count == 1 && widths.count > SampleReport.record.cases.count)
  }
}

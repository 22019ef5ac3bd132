import Harness
import Reporter
import Testing

/// Rows of CSV that say by themselves what was measured where, when and at which price.
@Suite struct ConditionsTests {
  private func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(separator: "\r\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let head = lines.first ?? []
    #expect(Set(head).count == head.count, "a column is there twice")
    return lines.dropFirst().map { Dictionary(zip(head, $0)) { first, _ in first } }
  }

  @Test func aRowHasItsConditions() throws {
    let rows = rows(CSVReport().text(try SampleReport.report))
    let row = try #require(rows.first { $0["id"] == "infer/resnet50/b16/t2/native" })
    let expected = [
      "network": "resnet50", "batch_size": "16", "threads": "2", "precision": "f32",
      "engine": "native", "peak_gflops": "183.4", "machine": SampleReport.machine, "cpus": "2",
      "date": "2026-11-21T10:20:30Z", "usd_per_hour": "0.096", "price_basis": "on-demand",
      "instance": "sample.large",
    ]
    for (name, value) in expected { #expect(row[name] == value, "\(name): \(row[name] ?? "none")") }
    let layer = try #require(
      rows.first { $0["id"] == "conv/resnet50.layer1.0.conv2/forward/b1/t2/native" })
    #expect(layer["network"] == "resnet50" && layer["direction"] == "forward")
    let product = try #require(rows.first { $0["kind"] == "gemm" })
    #expect(product["network"] == "" && product["threads"] == "1")
    #expect(product["peak_gflops"] == "91.8")
  }

  /// Several runs go into one table, each row with its own machine.
  @Test func rowsOfSeveralRunsTellThemApart() throws {
    var other = SampleReport.record
    other.context.machine.cpu = "Another Processor"
    other.price = nil
    var report = Report(record: SampleReport.record)
    report.others = [other]
    let rows = rows(CSVReport().text(report))
    let machines = rows.map { [$0["run"], $0["machine"], $0["usd_per_hour"]] }
    #expect(
      Set(machines) == [["1", SampleReport.machine, "0.096"], ["2", "Another Processor", ""]])
    #expect(rows.count == 2 * SampleReport.record.cases.count)
  }

  /// What has no right answer has no figure in any column.
  @Test func aRefusedCaseHasNoRate() throws {
    var record = SampleReport.record
    record.cases[0].validity = .init(ok: false, reasons: ["wrong answer"])
    let row = try #require(rows(CSVReport().text(Report(record: record))).first)
    for name in ["items_per_second", "first_arm_speedup", "usd_per_billion_images_ci95_low"] {
      #expect(row[name] == "", "\(name)")
    }
  }
}

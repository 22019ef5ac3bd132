import Basics
import Foundation
import TestSupport
import Testing

/// Every form that help offers is written, and tables for programs have one row a measurement.
@Suite struct FormsTests {
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  /// The head and rows of a CSV text without quoted commas.
  static func table(_ text: String) -> (head: [String], rows: [[String]]) {
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().map {
      line in
      Self.cells(String(line))
    }
    return (lines.first ?? [], Array(lines.dropFirst()))
  }

  /// The cells of a row; a comma between quotes is part of one.
  private static func cells(_ line: String) -> [String] {
    var (cells, isQuoted) = ([""], false)
    for character in line {
      if character == "\"" { isQuoted.toggle() }
      if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells
  }

  private func expectTable(
    _ text: String, has names: [String], rows: Int, at location: SourceLocation = #_sourceLocation
  ) {
    let (head, found) = Self.table(text)
    for name in names { #expect(head.contains(name), "\(head)", sourceLocation: location) }
    #expect(found.count == rows, "\(text)", sourceLocation: location)
    #expect(found.allSatisfy { $0.count == head.count }, "\(text)", sourceLocation: location)
  }

  private static let small = ["--network", "resnet20", "--threads", "1", "--duration", "20ms"]

  @Test(arguments: [
    ["infer", "--explain"] + small,
    ["train", "--explain", "--batch-size", "2"] + small,
    ["claims", "list"], ["claims", "show", "bert-6912"], ["claims", "audit"], ["cost"],
    ["list", "networks"], ["list", "instances"],
  ])
  func everyFormIsWritten(_ arguments: [String]) throws {
    // What is measured is written as JSON and CSV in the tests of its command and below.
    let isMeasured = arguments.contains("--explain")
    let signs = [
      ("json", "{"), ("csv", "\r\n"), ("markdown", "\n|"), ("html", "<!DOCTYPE html>"),
    ]
    for (format, sign) in signs.suffix(isMeasured ? 2 : 4) {
      let outcome = try user.start(arguments + ["--format", format]).result()
      #expect(outcome.status == 0, "\(arguments) \(format): \(outcome.errors)")
      #expect(
        outcome.output.contains(sign), "\(arguments) \(format): \(outcome.output.prefix(200))")
      #expect(format != "markdown" || outcome.output.utf8.count < 65_536)
    }
  }

  @Test func anExplainedPassIsARowALayer() throws {
    let outcome = try user.start(["infer", "--explain", "--format", "csv"] + Self.small).result()
    let (head, rows) = Self.table(outcome.output)
    let (layer, share) = (
      head.firstIndex(of: "layer") ?? 0, head.firstIndex(of: "percent_of_time") ?? 0
    )
    #expect(rows.contains { $0[layer] == "layer3.2.conv2" })
    #expect(abs(rows.compactMap { Double($0[share]) }.reduce(0, +) - 100) < 1e-6)
  }

  @Test func aSearchForTheCheapestIsARowAConfiguration() throws {
    let search =
      ["infer", "--cheapest", "--usd-per-hour", "0.5", "--quick", "--engine", "native"] + Self.small
    let csv = try user.start(search + ["--format", "csv"]).result(timeout: 240)
    #expect(csv.status == 0, "\(csv.errors)")
    expectTable(
      csv.output,
      has: [
        "items_per_second_ci95_low", "usd_per_billion_images", "cheapest", "precision", "engine",
        "cost_ratio", "accuracy",
      ], rows: 12)
    let (head, rows) = Self.table(csv.output)
    func place(_ name: String) -> Int { head.firstIndex(of: name) ?? 0 }
    let (rate, usd, mark) = (
      place("items_per_second"), place("usd_per_billion_images"), place("cheapest")
    )
    // The cheapest is one of those that took turns, and no other of these is cheaper.
    let finalists = rows.filter { $0[place("rounds")] == "4" }
    #expect((3...4).contains(finalists.count))
    let rates = finalists.compactMap { Double($0[rate]) }
    #expect(
      rows.filter { $0[mark] == "true" }.compactMap { Double($0[rate]) } == [rates.max() ?? 0])
    #expect(Set(rows.map { $0[place("precision")] }) == ["f32", "int8"])
    #expect(Set(finalists.map { $0[place("precision")] }) == ["f32", "int8"])
    for row in rows {
      let isFloat = row[place("precision")] == "f32"
      #expect(row[place("accuracy")] == (isFloat ? "" : "not evaluated"))
      let cost = (Double(row[usd]) ?? 0) * (Double(row[rate]) ?? 0) * 3600 / 1e9
      #expect(abs(cost - 0.5) < 1e-9)
    }
    // One precision is enough for the other forms.
    let brief = search + ["--precision", "f32", "--batch-size", "1,2"]
    let text = try user.start(brief).result().output.replacing(/\s+/, with: " ")
    #expect(text.contains("Cheapest: batch ") && text.contains("in one instance, native:"))
    #expect(text.contains("The runner-up, batch ") && text.contains("] as much, $"), "\(text)")
    #expect(text.contains("costcurve infer --network resnet20 --batch-size"), "\(text)")
    #expect(try user.start(brief + ["--format", "html"]).result().status == 0)
    #expect(
      try user.start(brief + ["--format", "markdown"]).result().output.contains("| Batch |"))
    let json = try user.start(brief + ["--format", "json"]).result().output
    for key in ["\"followers\"", "\"cost_ratio_ci95\"", "\"refusals\"", "\"precision\" : \"f32\""] {
      #expect(json.contains(key), "\(key): \(json)")
    }
  }

  @Test func lossesAreARowAStep() throws {
    let files = try ArrayFiles()
    func train(_ more: [String]) throws -> CommandProcess {
      try TrainArraysTests.train(files, more, network: "resnet20", shape: [2, 1, 28, 28])
    }
    let csv = try train(["--steps", "3", "--format", "csv"])
    #expect(csv.status == 0, "\(csv.errors)")
    expectTable(csv.output, has: ["step", "loss"], rows: 3)
    let many = try train(["--steps", "60", "--learning-rate", "1e-6"])
    #expect(many.status == 0 && many.output.count { $0 == "\n" } <= 40, "\(many.output)")
    #expect(many.output.contains("60 steps") && many.output.contains("--full"))
  }

  @Test func aTrendsRowNamesItsCase() throws {
    for day in 1...4 {
      let record = try SampleRuns.timed(date: "2026-11-0\(day)T10:00:00Z")
      let file = try user.directory.file("run\(day).json", try SampleRuns.data(record))
      try #require(try user.run("history", "import", file).status == 0)
    }
    let csv = try user.run("history", "trend", "--format", "csv").output
    expectTable(
      csv, has: ["case", "run", "date", "median_ns", "level_ns", "machine_key"], rows: 12)
    #expect(Set(Self.table(csv).rows.map { $0[0] }).count == 3)
    expectTable(
      try user.run("history", "show", "--format", "csv").output,
      has: ["network", "batch_size", "threads", "machine", "date", "usd_per_hour"], rows: 3)
    // So many as were asked for, on a screen or not.
    let list = try user.run("history", "list", "--limit", "3").output
    #expect(list.contains("3 of 4 runs"))
  }

  @Test func aListHasAHeadAndAnOrder() throws {
    let text = try user.run("list", "networks").output
    #expect(text.contains("Parameters") && text.contains("those of the least work first"))
    let csv = try user.run("list", "networks", "--format", "csv").output
    let (head, rows) = Self.table(csv)
    #expect(head == ["network", "input_size", "macs", "parameters", "item"])
    let macs = rows.compactMap { Double($0[2]) }
    #expect(macs.count == rows.count && macs == macs.sorted() && macs.count > 5)
    let json = try user.run("list", "instances", "--format", "json").output
    let items = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]] ?? []
    let prices = items.compactMap { $0["usd_per_hour"] as? Double }
    #expect(prices.count == items.count && prices == prices.sorted() && prices.count > 100)
  }
}

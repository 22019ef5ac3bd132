import Foundation
import Harness
import Reporter
import Testing

/// Comparisons of more cases than a screen has lines.
@Suite struct ScreenOfManyTests {
  /// A comparison with a case for each verdict, numbered from 0.
  private func comparison(_ verdicts: [Verdict], peers: Int = 0) throws -> ComparisonRecord {
    let further = (0..<peers).map { number in
      #"{"name": "p\#(number)", "verdict": "FASTER", "ratio": 0.5, "ci99": [0.4, 0.6], "#
        + #""reason": "made up"}"#
    }
    let items = verdicts.enumerated().map { index, verdict in
      """
      {"id": "gemm/\(index)x1x1/t1", "verdict": "\(verdict.rawValue)", "ratio": 1.25,
      "ci99": [1.2, 1.3], "reason": "because \(index)", "margin": 0.02, "provisional": false,
      "regression": \(verdict == .slower), "processCount": 10, "pairCount": 160,
      "correctness": "passed", "cleanPercent": 99, "processes": [], "repeat": "again",
      "peers": [\(further.joined(separator: ", "))]}
      """
    }
    let text = "[" + items.joined(separator: ",") + "]"
    return ComparisonRecord(
      context: SampleReport.record.context,
      arms: ["old", "new"] + (0..<peers).map { "p\($0)" }, seed: 1,
      cases: try JSONDecoder().decode([ComparisonRecord.Case].self, from: Data(text.utf8)))
  }

  @Test func aRegressionIsNeverBelowTheScreen() throws {
    var verdicts = [Verdict](repeating: .same, count: 60)
    (verdicts[57], verdicts[58], verdicts[59]) = (.faster, .inconclusive, .slower)
    let record = try comparison(verdicts)
    let text = ScreenReport().text(
      Document(record, onScreen: true), of: Document(record), rest: "--full prints all.")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= ScreenReport.lines, "\(text)")
    // Before any that is the same, with its reason, and with how many there are.
    let table = lines.drop { !$0.contains("Time of new") }
    let places = ["gemm/59x1x1", "gemm/58x1x1", "gemm/57x1x1", "gemm/0x1x1"].map { id in
      table.firstIndex { $0.contains(id) } ?? .max
    }
    #expect(places == places.sorted() && places[3] < .max, "\(text)")
    #expect(text.contains("because 59") && text.contains("because 58"))
    #expect(!text.contains("because 0"))
    #expect(text.contains("12 of 60") && text.contains("57 SAME"), "\(text)")
  }

  @Test func allOfAComparisonHasEveryCaseInItsOrder() throws {
    let text = TerminalReport().text(Document(try comparison([.same, .slower, .same])))
    let places = (0..<3).map { number in text.range(of: "gemm/\(number)x1x1")?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(
      zip(places, places.dropFirst()).allSatisfy { ($0 ?? text.endIndex) < ($1 ?? text.startIndex) }
    )
    for number in 0..<3 { #expect(text.contains("because \(number)")) }
  }

  @Test func furtherVariantsAreRowsOfTheirOwn() throws {
    let rows = try comparison([.same, .slower], peers: 2).csv.split(separator: "\r\n").map { row in
      row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.count == 1 + 2 * 3)
    let head = rows[0]
    for name in ["a", "date", "machine", "seed", "repeat"] { #expect(head.contains(name)) }
    let (variant, ratio) = (head.firstIndex(of: "b") ?? 0, head.firstIndex(of: "ratio") ?? 0)
    #expect(rows.dropFirst().map { $0[variant] } == ["new", "p0", "p1", "new", "p0", "p1"])
    #expect(rows.dropFirst().map { $0[ratio] } == ["1.25", "0.5", "0.5", "1.25", "0.5", "0.5"])
  }
}

import Foundation
import Testing

/// `docs/operators.md`, which `make conformance WRITE=1` writes, shows no fewer cases that pass than
/// it once did.
@Suite struct OperatorPageTests {
  /// What it has shown; raise them with it.
  private static let least = (passed: 854, complete: 178, operators: 150)

  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/operators.md")

  @Test func itsCellsAddUpToNoLessThanBefore() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    // `16` where all cases pass, `2 of 3` where some do.
    let cells = rows.flatMap { row -> [[Substring]] in
      row.split(separator: "|").dropFirst().map { $0.split(separator: " ") }.filter { !$0.isEmpty }
    }
    let passed = cells.compactMap { Int($0[0]) }.reduce(0, +)
    let complete = cells.count { $0.count == 1 }
    #expect(passed >= Self.least.passed)
    #expect(complete >= Self.least.complete)
    #expect(rows.count >= Self.least.operators)
    let head = text.split(separator: "\n").first { $0.contains(" cases pass, in ") } ?? ""
    #expect(head.hasPrefix("\(passed) of "), "\(head)")
    #expect(head.contains(" in \(complete) complete combinations"), "\(head)")
    #expect(head.hasSuffix(" for \(rows.count) operators."), "\(head)")
  }
}

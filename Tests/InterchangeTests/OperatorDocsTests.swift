import Foundation
import Interchange
import Testing

/// The documented operators are those that there are.
@Suite struct OperatorDocsTests {
  @Test func theTableIsThatOfTheRules() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/models.md").standardizedFileURL
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(
      String.init)
    let rows = lines.filter { $0.hasPrefix("| `") }
    #expect(rows.count > 40)
    #expect(rows == OperatorTable.rows, "docs/models.md needs: \(OperatorTable.rows)")
  }
}

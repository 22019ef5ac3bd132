import Basics
import Economics
import Foundation
import Testing

struct TableTests {
  private func table(_ text: String) throws -> Table { try Table(name: "t", csv: Array(text.utf8)) }

  @Test func readsQuotesLineEndsAndEmptyCells() throws {
    let table = try table("a,b,c\r\n\"x, y\",,\"say \"\"hi\"\"\"\r\n1,2,3")
    #expect(table.columns == ["a", "b", "c"])
    #expect(table.rows == [["x, y", "", "say \"hi\""], ["1", "2", "3"]])
    #expect(table.number(1, "b") == 2)
    #expect(table.number(0, "b") == nil)
    #expect(table.text(0, "nonsense").isEmpty)
  }

  @Test func namesTheRowThatDoesNotFit() {
    #expect {
      try table("a,b\n1,2\n3\n")
    } throws: { error in
      "\(error)".contains("t.csv, row 3: 1 cell where the header has 2")
    }
    #expect(throws: Problem.self) { try table("") }
    #expect(throws: Problem.self) { try table("a,b\n1,\"2\n") }
  }

  @Test func aFolderOverridesOnlyTheFilesThatItHas() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("costcurve-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: Problem.self) { try Records(folder: folder) }
    try Data("name,value,unit,source\nutilisation,0.5,of peak,a test\n".utf8)
      .write(to: folder.appendingPathComponent("facts.csv"))
    let records = try Records(folder: folder)
    #expect(try records.table("facts").rows.count == 1)
    #expect(try records.table("cloud_prices").rows.count == 940)
    #expect(records.origin == folder.path)
    let missing = folder.appendingPathComponent("none")
    #expect(throws: Problem.self) { try Records(folder: missing) }
  }
}

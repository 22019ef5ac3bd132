import Basics
import Economics
import Testing

/// The tables against the reference data that they were taken from.
///
/// `provenance.csv` holds, for every column of every reference file, its row count and the FNV-1a
/// digest of its cells, each followed by a line feed, computed from the reference files themselves
/// by another program. Where a file comes from, and under which licence, is in `sources.csv`.
struct ProvenanceTests {
  @Test func everyCellIsThatOfTheReferenceData() throws {
    let fixture = try Fixture.table("provenance")
    #expect(fixture.rows.count > 180)
    for row in fixture.rows.indices {
      let table = try Records.builtIn.table(fixture.text(row, "table"))
      let column = try #require(table.index(of: fixture.text(row, "column")))
      #expect("\(table.rows.count)" == fixture.text(row, "rows"))
      var digest = FNV1a()
      for cells in table.rows { digest.add(cells[column] + "\n") }
      #expect(digest.text == fixture.text(row, "digest"), "\(table.name).\(table.columns[column])")
    }
  }

  @Test func everyReferenceTableIsComplete() throws {
    let fixture = try Fixture.table("provenance")
    let columns = Dictionary(grouping: fixture.rows.indices) { fixture.text($0, "table") }
    for (name, rows) in columns {
      #expect(try Records.builtIn.table(name).columns.count == rows.count)
    }
    #expect(columns.count == 17)
  }

  @Test func everyRowNamesItsSource() throws {
    for (name, table) in Records.builtIn.tables where table.index(of: "source") != nil {
      for row in table.rows.indices {
        #expect(!table.text(row, "source").isEmpty, "\(name), row \(row + 2)")
      }
    }
    let without = Records.builtIn.tables.filter { $0.value.index(of: "source") == nil }
    // The systems table has two sources a row; the others are about data, not data.
    #expect(
      Set(without.keys)
        == ["documents", "identities", "openai_ai_and_compute_systems", "sources"])
  }

  @Test func everyReferenceTableHasProvenance() throws {
    let sources = try Records.builtIn.table("sources")
    let covered = Set(
      sources.rows.indices.flatMap { sources.text($0, "tables").split(separator: " ") }
        .map(String.init))
    let fixture = try Fixture.table("provenance")
    for row in fixture.rows.indices where fixture.text(row, "table") != "dawnbench_frontier" {
      #expect(covered.contains(fixture.text(row, "table")))
    }
  }
}

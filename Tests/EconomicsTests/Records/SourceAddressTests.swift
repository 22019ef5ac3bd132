import Economics
import Testing

/// Addresses in the tables' texts become such as a browser finds.
struct SourceAddressTests {
  private static let commit = String(repeating: "0123456789", count: 4)

  @Test(arguments: [
    (
      "https://github.com/a/b.c@\(commit):data-raw/x y",
      "https://github.com/a/b.c/blob/\(commit)/data-raw/x",
      "a/b.c, data-raw/x"
    ),
    ("https://github.com/a/b@\(commit)", "https://github.com/a/b/tree/\(commit)", "a/b"),
    ("github a/b@\(commit) (2020-03-26)", "https://github.com/a/b/tree/\(commit)", "a/b"),
    (
      "github a/b@\(commit) data-raw/compute.csv",
      "https://github.com/a/b/blob/\(commit)/data-raw/compute.csv", "a/b, data-raw/compute.csv"
    ),
    ("github a/b (history)", "https://github.com/a/b", "a/b"),
    ("see http://www.example.org/show/1.", "http://www.example.org/show/1", "example.org/show/1"),
    ("[quoted at https://example.org/a]", "https://example.org/a", "example.org/a"),
  ])
  func oneAddress(_ text: String, _ url: String, _ name: String) {
    let found = SourceAddress.all(in: text)
    #expect(found.map(\.url) == [url])
    #expect(found.map(\.name) == [name])
  }

  @Test func piecesAreTheWholeText() {
    let text = "K80: https://example.org/1 ; https://example.org/2, and no more."
    let pieces = SourceAddress.pieces(of: text)
    #expect(pieces.map(\.text).joined() == text)
    #expect(
      pieces.compactMap(\.address?.url) == ["https://example.org/1", "https://example.org/2"])
  }

  @Test(arguments: [
    "", "a made-up price list", "javascript:alert(1)", "ftp://example.org/x",
    "github mlcommons/inference_results_<round>", "facts.csv, row 3: the documents",
  ])
  func whatIsNoAddressStaysText(_ text: String) {
    #expect(SourceAddress.all(in: text).isEmpty)
    #expect(SourceAddress.pieces(of: text).map(\.text).joined() == text)
  }

  /// No table has an address in a form that this cannot read.
  @Test func everyAddressOfTheTablesCanBeFollowed() throws {
    var count = 0
    for table in Records.builtIn.tables.values {
      for column in table.columns where column.hasPrefix("source") || column == "where" {
        for row in table.rows.indices {
          for address in SourceAddress.all(in: table.text(row, column)) {
            count += 1
            #expect(!address.url.contains("@"), "\(table.name): \(address.url)")
            #expect(!address.name.isEmpty && !address.name.contains("blob/"), "\(address.url)")
          }
        }
      }
    }
    #expect(count > 1000)
  }

  @Test func theSourcesHaveTitles() throws {
    let sources = try PublicSource.all()
    #expect(
      sources.contains { $0.what.hasPrefix("DAWNBench entries") && $0.place.contains("/tree/") })
    #expect(sources.allSatisfy { !$0.what.isEmpty })
  }
}

import Foundation
import Testing

/// Figures and names that pages of `docs/` state are those of the records and tables.
struct DocsFiguresTests {
  /// What the gate's live test recorded, as far as the page quotes it.
  private struct Proof: Decodable {
    var comparisons: [Comparison]

    struct Comparison: Decodable {
      var part: String
      var cases: [Case]?
    }

    struct Case: Decodable { var verdict: String }

    /// Verdicts between equal builds.
    ///
    /// - Parameter loaded: Those beside a load, or those on the quiet machine.
    /// - Returns: One for each case of each comparison.
    func verdicts(loaded: Bool) -> [String] {
      comparisons.filter { !$0.part.hasPrefix("slowed") && $0.part.contains("loaded") == loaded }
        .flatMap { $0.cases ?? [] }.map(\.verdict)
    }
  }

  /// A page with its lines joined.
  private func page(_ name: String) throws -> String {
    try DocumentedCommand.text(of: name).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }

  @Test func theGatesPageQuotesTheLiveTest() throws {
    let text = try page("docs/gate.md")
    let pattern = /\(\.\.\/(Results\/[^)]+)\/tables\.md#the-regression-gate-proved-live\)/
    let link = try #require(text.firstMatch(of: pattern))
    let file = DocumentedCommand.package.appendingPathComponent(
      "\(link.output.1)/regression-proof.json")
    let proof = try JSONDecoder().decode(Proof.self, from: Data(contentsOf: file))
    let (quiet, loaded) = (proof.verdicts(loaded: false), proof.verdicts(loaded: true))
    let all = quiet + loaded
    let alarms = all.count { ["SLOWER", "FASTER"].contains($0) }
    func open(_ verdicts: [String]) -> Int {
      verdicts.count { ["INCONCLUSIVE", "UNSTABLE"].contains($0) }
    }
    #expect(text.contains("of \(all.count) verdicts on equal builds \(alarms) were false alarms"))
    #expect(text.contains("\(open(quiet)) of \(quiet.count) stayed undecided"))
    #expect(text.contains("\(open(loaded)) of \(loaded.count) while another process"))
  }

  @Test func theDocumentsAreThoseOfTheTable() throws {
    let text = try page("docs/published-runs.md")
    let rows = try DocumentedCommand.text(of: "Sources/Economics/Data/documents.csv")
      .split(whereSeparator: \.isNewline).dropFirst()
    #expect(rows.count == 5)
    for row in rows {
      let cells = row.split(separator: ",", maxSplits: 2)
      try #require(cells.count == 3)
      let what = cells[2].replacing("\"", with: "")
      #expect(text.contains("\(cells[0]): \(what)"), "\(row)")
    }
  }

  /// The page names the regions that an assumed price is made of, and an instance with its price.
  @Test func pricesAreThoseOfTheList() throws {
    let outcome = try CommandProcess(["list", "instances", "--format", "csv"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = outcome.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let head = try #require(rows.first)
    let places = try ["instance", "usd_per_hour", "vcpus", "cloud", "region"].map {
      try #require(head.firstIndex(of: $0))
    }
    let named = try #require(rows.first { $0[places[0]] == "c5.2xlarge" })
    let price = try #require(Double(named[places[1]]))
    let vcpus = try #require(Double(named[places[2]]))
    let text = try page("docs/another-instance.md")
    let hour = "has \(Int(vcpus)) vCPUs and costs USD \(price) an hour"
    #expect(text.contains(hour), "\(hour)")
    let quarter = "a quarter of that is charged, USD \(price * 2 / vcpus)."
    #expect(vcpus == 8 && text.contains(quarter), "\(quarter)")
    let regions = Set(rows.dropFirst().map { "\($0[places[3]]) \($0[places[4]])" })
      .filter { !$0.contains("unspecified") }.sorted().joined(separator: ", ")
    let made = try page("docs/how-numbers-are-made.md")
    #expect(made.contains(regions), "\(regions)")
  }
}

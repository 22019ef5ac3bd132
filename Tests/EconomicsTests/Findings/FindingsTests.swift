import Economics
import Foundation
import Testing

struct FindingsTests {
  @Test func allAreFoundAndWhatIsInferredIsMarked() throws {
    let findings = try Findings.all()
    #expect(
      findings.map(\.id) == [
        "inference-unit-slip", "tenfold-for-eleven-months", "dawnbench-price-swap",
        "dawnbench-date-typo", "parts-exceed-whole", "rate-told-as-total", "gains-against-pace",
        "quoted-in-support", "openai-table3-unit", "ratio-of-device-times", "ratio-of-which-run",
        "price-of-the-larger", "price-that-can-be-checked",
      ])
    let inferred = findings.filter { $0.inference != nil }.map(\.id)
    #expect(
      inferred == [
        "inference-unit-slip", "dawnbench-price-swap", "dawnbench-date-typo",
        "rate-told-as-total", "openai-table3-unit", "ratio-of-device-times",
        "price-that-can-be-checked",
      ])
    let ids = Set(try Claims.load().map(\.id))
    for finding in findings {
      #expect(!finding.inputs.isEmpty)
      #expect(finding.inputs.allSatisfy { !$0.source.isEmpty })
      #expect(ids.isSuperset(of: finding.claims))
    }
  }

  @Test func theyCarryTheNumbers() throws {
    let findings = try Findings.all()
    func statement(_ id: String) -> String { findings.first { $0.id == id }?.statement ?? "" }
    #expect(statement("inference-unit-slip").contains("10 409x less"))
    #expect(statement("inference-unit-slip").contains("100 000 images is 0.0312285 USD"))
    #expect(statement("tenfold-for-eleven-months").contains("128.577x a year"))
    #expect(statement("dawnbench-price-swap").contains("2323.39 USD becomes 1471.48 USD"))
    #expect(statement("dawnbench-price-swap").contains("1112.64 USD becomes 1756.8 USD"))
    #expect(statement("gains-against-pace").contains("5.03968x a year"))
    #expect(statement("quoted-in-support").contains("halves every 6.1 months"))
    #expect(findings.contains { $0.title == "57 % with 47 % make 77.2 %, not 70 %" })
    #expect(statement("ratio-of-device-times").contains("that is 59.9x, and 12.0x for one model"))
    #expect(findings.contains { $0.title.hasPrefix("The 8x is 10.2x, 1.52x or 0.838x") })
    #expect(findings.contains { $0.title == "6912 USD is BERT-large; BERT-base took 1728" })
    #expect(statement("price-that-can-be-checked").hasSuffix("0.3 USD are 25 804.8 USD."))
  }

  /// A finding is searched for: where the data does not show it, it is not there.
  @Test(arguments: [
    ("claims-3-inference.json", "\"value\": 0.03", "\"value\": 300", "inference-unit-slip"),
    ("claims-5-models.json", "\"value\": 0.47", "\"value\": 0.302", "parts-exceed-whole"),
    ("claims-5-models.json", "\"value\": 30,", "\"value\": 135000,", "rate-told-as-total"),
    ("claims-4-hardware.json", "\"value\": 16,", "\"value\": 160,", "gains-against-pace"),
    ("claims-6-efficiency.json", "\"value\": 61,", "\"value\": 4,", "quoted-in-support"),
    (
      "claims-1-training.json", "\"ratio\": {\"value\": 10,", "\"ratio\": {\"value\": 5000,",
      "tenfold-for-eleven-months"
    ),
    ("claims-6-efficiency.json", "\"value\": 61,", "\"value\": 70,", "ratio-of-device-times"),
    ("claims-5-models.json", "\"value\": 6912,", "\"value\": 3456,", "price-of-the-larger"),
    ("claims-5-models.json", "\"value\": 25000,", "\"value\": 2500,", "price-that-can-be-checked"),
  ])
  func vanishesWithItsCause(file: String, old: String, new: String, id: String) throws {
    let data = try #require(Records.builtIn.claimFiles[file])
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains(old))
    let records = Records.builtIn.replacing(
      claimFile: file, with: Data(text.replacing(old, with: new).utf8))
    #expect(try !Findings.all(records).contains { $0.id == id })
  }

  /// A journal's run as long as the preprint's, and three days of 20 blocks as costly as 40 days of 40.
  @Test func readingsThatAgreeAreNoFinding() throws {
    let table = try Records.builtIn.table("published_work")
    let column = try #require(table.index(of: "flop"))
    func row(_ part: String) throws -> Int {
      try #require(table.rows.indices.first { table.text($0, "part") == part })
    }
    var records = Records.builtIn
    for (to, from) in [
      ("alphazero-go-journal-play", "alphazero-go-preprint-play"),
      ("alphago-zero-20-play", "alphago-zero-40-play"),
    ] {
      records = records.replacing(
        table: "published_work", row: try row(to), column: column,
        with: table.text(try row(from), "flop"))
    }
    #expect(try !Findings.all(records).contains { $0.id == "ratio-of-which-run" })
  }

  @Test func theSwapVanishesWithTheRightPrice() throws {
    let table = try Records.builtIn.table("cloud_prices")
    let column = try #require(table.index(of: "usd_per_hour_on_demand"))
    let row = try #require(
      table.rows.indices.first {
        table.text($0, "instance") == "p2.8xlarge" && table.text($0, "region") == "unspecified"
      })
    let records = Records.builtIn.replacing(
      table: "cloud_prices", row: row, column: column, with: "7.2")
    #expect(try !Findings.all(records).contains { $0.id == "dawnbench-price-swap" })
  }
}

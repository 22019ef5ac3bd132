import Economics
import Foundation
import TestSupport
import Testing

struct ClaimFileTests {
  @Test(arguments: [
    ("[{]", "not valid JSON"), ("[{\"id\": \"x\"}]", "entry 1, 'kind' is missing"),
    ("{\"id\": 3}", "claims-9.json"),
  ])
  func aMalformedFileIsNamed(text: String, message: String) {
    let records = Records.builtIn.replacing(claimFile: "claims-9.json", with: Data(text.utf8))
    #expect {
      try Claims.load(records)
    } throws: { error in
      guard let error = error as? RecordError else { return false }
      return error.kind == .malformed && error.description.contains(message)
    }
  }

  @Test func twoClaimsOfOneIdAreRefused() throws {
    let file = try #require(Records.builtIn.claimFiles["claims-2-moore.json"])
    let records = Records.builtIn.replacing(claimFile: "claims-9.json", with: file)
    #expect(throws: RecordError.self) { try Claims.load(records) }
  }

  @Test func theRecordFitsItsPublishedSchema() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let schema = try JSONSchema(
      contentsOf: folder.appendingPathComponent(
        "../../../Sources/Economics/Schemas/costcurve.claims.schema.json"))
    let audit = try Claims.audit(
      local: LocalMeasurement(price: .given(usdPerHour: 1), inference: .init(perSecond: 1)))
    let record = ClaimsRecord(
      audit, claims: audit.claims, findings: try Findings.all(), data: "compiled in")
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let json = try encoder.encode(record)
    #expect(try schema.violations(in: json).isEmpty)
    // A schema that accepts anything proves nothing.
    var broken = record
    broken.schema = "costcurve.other"
    #expect(try schema.violations(in: encoder.encode(broken)).count == 1)
    let text = String(decoding: json, as: UTF8.self)
    let without = text.replacing("\"paraphrase\"", with: "\"paraphrased\"")
    // One that is missing and one that is not known, of each claim.
    #expect(try schema.violations(in: Data(without.utf8)).count == 2 * 61)
  }
}

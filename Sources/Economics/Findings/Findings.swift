/// What the data shows and no document says: each finding is searched for, and is there only as
/// long as the numbers show it.
package struct Findings {
  let records: Records
  private let numbers: [String: [String: Claim.Number]]

  /// - Throws: `Problem` where the records cannot be read.
  package static func all(_ records: Records = .builtIn) throws -> [Finding] {
    let claims = try Claims.load(records)
    let findings = Findings(
      records: records,
      numbers: Dictionary(
        claims.map { ($0.id, $0.numbers) }, uniquingKeysWith: { first, _ in first }))
    return try [
      findings.unitSlip(), findings.shortLivedPace(), findings.swappedPrices(),
      findings.mistypedDate(), findings.ratesOfTheParts(), findings.rateToldAsTotal(),
      findings.gainsAgainstPace(), findings.quotedInSupport(), findings.mislabelledUnit(),
      findings.deviceTime(), findings.runThatIsMeant(), findings.modelThatIsMeant(),
      findings.checkablePrice(),
    ].compactMap { $0 }
  }

  /// A number that a claim states, as an input of a finding; nil where it is not on record.
  func stated(_ claim: String, _ name: String, _ label: String) -> Finding.Input? {
    numbers[claim]?[name].map {
      Finding.Input(label: label, value: $0.value, unit: $0.unit, source: "claim \(claim)")
    }
  }

  /// A public record as an input of a finding.
  func input(_ record: PublicRecord, _ label: String) -> Finding.Input {
    Finding.Input(
      label: "\(label), \(record.date)", value: record.value, unit: record.unit,
      source: record.source)
  }
}

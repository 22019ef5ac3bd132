import Harness

/// The audit as a record; schema `costcurve.claims`, published in `Schemas`.
///
/// A missing value is null; fields may be added, never renamed.
package struct ClaimsRecord: Codable, Hashable, Sendable {
  package var schema = "costcurve.claims"
  package var schemaVersion = 1
  /// Where tables and claims come from: `compiled in`, or the folder given.
  package var data: String
  package var agrees: Bool
  package var disagreements: [String]
  package var claims: [Entry]
  package var findings: [Finding]

  package struct Entry: Codable, Hashable, Sendable {
    package var id: String
    package var kind: String
    package var documents: [String]
    package var sources: [Claim.Source]
    package var paraphrase: String
    /// A list, since the names are data and no keys of the schema.
    package var numbers: [Number]
    package var recordedVerdict: Verdict
    @Nullable package var verdict: Verdict?
    package var reason: String
    package var rule: String
    package var ruleReason: String
    package var checks: [Check]
    package var curves: [String]
    /// What this machine adds.
    package var local: [LocalFinding]
    package var disagreements: [String]
  }

  package struct Number: Codable, Hashable, Sendable {
    package var name: String
    package var value: Double
    package var unit: String
    @Nullable package var when: String?
  }

  package struct Check: Codable, Hashable, Sendable {
    package var id: String
    package var what: String
    @Nullable package var expression: String?
    package var inputs: [AuditedCheck.Input]
    package var steps: [String]
    @Nullable package var value: Double?
    package var claimed: [Double]
    /// Value over each claimed value.
    package var ratios: [Double]
    @Nullable package var tolerance: String?
    @Nullable package var toleranceReason: String?
    /// Why the verdict is a judgement; null where the tolerance decides.
    @Nullable package var judged: String?
    package var recordedVerdict: Verdict
    @Nullable package var verdict: Verdict?
    @Nullable package var note: String?
    package var disagreements: [String]
  }

  package init(_ audit: Audit, claims: [AuditedClaim], findings: [Finding], data: String) {
    (self.data, self.findings) = (data, findings)
    (agrees, disagreements) = (audit.agrees, audit.disagreements)
    self.claims = claims.map(Entry.init)
  }
}

extension ClaimsRecord.Entry {
  init(_ claim: AuditedClaim) {
    id = claim.id
    kind = claim.kind
    documents = claim.documents
    sources = claim.claim.sources
    paraphrase = claim.paraphrase
    numbers = claim.claim.numbers.sorted { $0.key < $1.key }.map { name, number in
      ClaimsRecord.Number(name: name, value: number.value, unit: number.unit, when: number.when)
    }
    recordedVerdict = claim.recordedVerdict
    _verdict = Nullable(wrappedValue: claim.verdict)
    reason = claim.reason
    rule = claim.rule
    ruleReason = claim.claim.rule.why
    checks = claim.checks.map(ClaimsRecord.Check.init)
    curves = claim.claim.curves ?? []
    local = claim.local
    disagreements = claim.disagreements
  }
}

extension ClaimsRecord.Check {
  init(_ check: AuditedCheck) {
    id = check.check.id
    what = check.check.what
    _expression = Nullable(wrappedValue: check.check.expression)
    inputs = check.inputs
    steps = check.steps
    _value = Nullable(wrappedValue: check.value)
    claimed = check.claimed
    ratios = check.ratios
    _tolerance = Nullable(wrappedValue: check.check.tolerance)
    let tolerance = check.check.tolerance.flatMap(Tolerance.init)
    _toleranceReason = Nullable(wrappedValue: tolerance?.reason)
    _judged = Nullable(wrappedValue: check.check.judged)
    recordedVerdict = check.check.verdict
    _verdict = Nullable(wrappedValue: check.verdict)
    _note = Nullable(wrappedValue: check.check.note)
    disagreements = check.disagreements
  }
}

import Economics

/// The whole audit as comma-separated values: one row for each check.
package enum ClaimsCSV {
  private static let columns = [
    "claim", "kind", "documents", "claim_verdict", "claim_recorded_verdict", "reason", "check",
    "what", "expression", "value", "claimed_low", "claimed_high", "ratio_low", "ratio_high",
    "tolerance", "judged", "verdict", "recorded_verdict", "note", "disagreements",
  ]

  package static func text(_ claims: [AuditedClaim]) -> String {
    var rows = [columns]
    for claim in claims {
      for check in claim.checks {
        rows.append([
          claim.id, claim.kind, claim.documents.joined(separator: " "),
          claim.verdict?.rawValue ?? "", claim.recordedVerdict.rawValue, claim.reason,
          check.check.id, check.check.what, check.check.expression ?? "",
          number(check.value), number(check.claimed.first), number(check.claimed.last),
          number(check.ratios.first), number(check.ratios.last), check.check.tolerance ?? "",
          check.check.judged ?? "", check.verdict?.rawValue ?? "", check.check.verdict.rawValue,
          check.check.note ?? "", check.disagreements.joined(separator: "; "),
        ])
      }
    }
    return CSVReport.text(rows)
  }

  private static func number(_ value: Double?) -> String { value.map(Figure.exact) ?? "" }
}

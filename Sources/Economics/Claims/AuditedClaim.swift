/// A claim with everything that recomputing it has given.
package struct AuditedClaim: Hashable, Sendable {
  package var claim: Claim
  package var checks: [AuditedCheck]
  /// What the rule gives; nil where a check could not be evaluated.
  package var verdict: Verdict?
  /// Every way in which the data disagrees with what is on record; empty where it agrees.
  package var disagreements: [String]
  /// What this machine adds.
  package var local: [LocalFinding]

  package var id: String { claim.id }
  package var kind: String { claim.kind }
  package var paraphrase: String { claim.paraphrase }
  package var recordedVerdict: Verdict { claim.verdict }
  package var reason: String { claim.reason }
  /// Ids of the documents that state it, in order.
  package var documents: [String] { claim.sources.map(\.document) }
  package var agrees: Bool { disagreements.isEmpty }
  /// The rule in words, such as `decided by as-filed`.
  package var rule: String {
    switch claim.rule.kind {
    case .all: "all checks"
    case .any: "any check"
    case .deciding: "decided by " + (claim.rule.checks ?? []).joined(separator: ", ")
    }
  }
}

package struct AuditedCheck: Hashable, Sendable {
  /// A number that went into the recomputation.
  package struct Input: Codable, Hashable, Sendable {
    /// How the expression names it.
    package var name: String
    package var value: Double
    /// The cell as it stands, where it is a date.
    package var text: String?
    package var source: String
  }

  package var check: Claim.Check
  package var inputs: [Input]
  /// The arithmetic, one operation a line, as a pocket calculator would do it.
  package var steps: [String]
  package var value: Double?
  package var claimed: [Double]
  /// `value` over each claimed value.
  package var ratios: [Double]
  /// What the tolerance gives, or the judgement; nil where it could not be evaluated.
  package var verdict: Verdict?
  package var disagreements: [String]

  package var isJudged: Bool { check.judged != nil }

  /// Whether what is claimed is stated in so many figures, and not computed from what is stated.
  package var claimsLiterals: Bool {
    (check.claimed ?? []).allSatisfy { $0.wholeMatch(of: /said(\[[^\]]+\])?\.\w+/) != nil }
  }

  /// What is claimed: the figures as stated, or `means …` where they follow from what is stated.
  package var claimedText: String {
    let values = claimed.map(Figure.text).joined(separator: " to ")
    return claimsLiterals ? values : "means \(values)"
  }
}

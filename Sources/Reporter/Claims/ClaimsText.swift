import Economics
import Harness

/// Claims as text for a terminal of 100 columns.
package struct ClaimsText {
  let audit: Audit
  let findings: [Finding]
  /// Curves fitted to the records.
  let fitted: [Curve]
  /// What the documents are, by id.
  let documents: [String: String]
  let width: Int

  package init(
    audit: Audit, findings: [Finding], fitted: [Curve] = [], documents: [String: String],
    width: Int = 100
  ) {
    self.audit = audit
    self.findings = findings
    self.fitted = fitted
    self.documents = documents
    self.width = width
  }

  /// Which claims hold, and of every other one the reason why not.
  package func list(_ claims: [AuditedClaim]) -> String {
    var lines = [
      "\(claims.count) of \(audit.claims.count) claims, each recomputed from public records; "
        + "'claims show ID' has the arithmetic."
    ]
    for (verdict, words, members) in groups(of: claims) {
      lines += ["", heading(words, members.count)]
      for claim in members {
        let documents = "[" + claim.documents.joined(separator: " ") + "]"
        lines.append(
          "  \(mark(verdict)) " + claim.id.padded(to: width - 5 - documents.count) + " " + documents
        )
        lines += claim.paraphrase.wrapped(to: width, indent: 4)
        lines += "→ \(claim.reason)".wrapped(to: width, indent: 4, hanging: 2)
        lines += claim.disagreements.flatMap { "! \($0)".wrapped(to: width, indent: 4, hanging: 2) }
      }
    }
    lines += ["", "Documents"]
    for id in Set(claims.flatMap(\.documents)).sorted() {
      lines += "\(id)  \(documents[id] ?? "")".wrapped(to: width, indent: 2, hanging: 5)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The claims by their verdict, first those that do not hold, without empty groups.
  func groups(
    of claims: [AuditedClaim]
  ) -> [(verdict: Economics.Verdict?, words: String, members: [AuditedClaim])] {
    let order: [(Economics.Verdict?, String)] = [
      (.inconsistent, "do not hold"), (.notCheckable, "cannot be checked"), (.consistent, "hold"),
      (nil, "could not be evaluated"),
    ]
    return order.map { verdict, words in (verdict, words, claims.filter { $0.verdict == verdict }) }
      .filter { !$0.2.isEmpty }
  }

  /// `Do not hold (12)`.
  func heading(_ words: String, _ count: Int) -> String {
    "\(words.prefix(1).uppercased())\(words.dropFirst()) (\(count))"
  }

  /// Whether everything agrees with what is on record, in lines.
  func results() -> [String] {
    let checks = audit.claims.flatMap(\.checks)
    var lines = [
      Units.count(audit.claims.count, "claim") + ": "
        + audit.claims.verdictCounts.joined(separator: ", "),
      "\(Units.count(checks.count, "check")): \(checks.count { !$0.isJudged }) computed and "
        + "compared, \(checks.count(where: \.isJudged)) judged and marked as such",
      "\(audit.tables.count) identities of record tables over "
        + "\(audit.tables.reduce(0) { $0 + $1.rows }) rows",
    ]
    let disagreements = audit.disagreements
    if disagreements.isEmpty {
      lines += ["", "All values and verdicts are those on record."]
    } else {
      let count = Units.count(disagreements.count, "disagreement")
      lines += ["", "\(count) with what is on record:"]
      lines += disagreements.flatMap { text in
        text.split(separator: "\n").flatMap {
          String($0).wrapped(to: width, indent: 2, hanging: 2)
        }
      }
    }
    return lines
  }

  /// Whether everything agrees with what is on record, and what the data shows besides.
  package func summary() -> String {
    var lines = results()
    if !fitted.isEmpty { lines += ["", "One factor a year, fitted to the records"] }
    for curve in fitted {
      lines += "\(curve.id): \(curve.note); \(curve.validity.lowerBound) to "
        .appending("\(curve.validity.upperBound)").wrapped(to: width, indent: 2, hanging: 2)
    }
    lines += ["", "What the data shows and the documents do not say"]
    for finding in findings {
      lines += ["", "  \(finding.title)"]
      lines += finding.statement.wrapped(to: width, indent: 4)
      if let inference = finding.inference {
        lines += "Inferred: \(inference)".wrapped(to: width, indent: 4)
      }
      lines += ("About " + finding.claims.joined(separator: ", ")).wrapped(to: width, indent: 4)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func mark(_ verdict: Economics.Verdict?) -> String {
    switch verdict {
    case .consistent: "✓"
    case .inconsistent: "✗"
    case .notCheckable: "?"
    case nil: "!"
    }
  }
}

import Economics

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
    let headings: [(Verdict?, String)] = [
      (.inconsistent, "Do not hold"), (.notCheckable, "Cannot be checked"), (.consistent, "Hold"),
      (nil, "Could not be evaluated"),
    ]
    for (verdict, heading) in headings {
      let group = claims.filter { $0.verdict == verdict }
      if group.isEmpty { continue }
      lines += ["", "\(heading) (\(group.count))"]
      for claim in group {
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

  /// Whether everything agrees with what is on record, in lines.
  func results() -> [String] {
    let checks = audit.claims.flatMap(\.checks)
    var lines = [
      "\(audit.claims.count) claims: \(audit.count(.consistent)) consistent, "
        + "\(audit.count(.inconsistent)) inconsistent, \(audit.count(.notCheckable)) not checkable",
      "\(checks.count) checks: \(checks.count { !$0.isJudged }) computed and compared, "
        + "\(checks.count(where: \.isJudged)) judged and marked as such",
      "\(audit.tables.count) identities of record tables over "
        + "\(audit.tables.reduce(0) { $0 + $1.rows }) rows",
    ]
    let disagreements = audit.disagreements
    if disagreements.isEmpty {
      lines += ["", "All values and verdicts are those on record."]
    } else {
      lines += ["", "\(disagreements.count) disagreements with what is on record:"]
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

  func mark(_ verdict: Verdict?) -> String {
    switch verdict {
    case .consistent: "✓"
    case .inconsistent: "✗"
    case .notCheckable: "?"
    case nil: "!"
    }
  }
}

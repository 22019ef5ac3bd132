import Economics
import Harness

/// The audit as Markdown: a table of verdicts, the findings, then every claim.
package struct ClaimsMarkdown {
  let audit: Audit
  let findings: [Finding]
  let documents: [String: String]

  package init(audit: Audit, findings: [Finding], documents: [String: String]) {
    (self.audit, self.findings, self.documents) = (audit, findings, documents)
  }

  /// The verdicts with their reasons and the findings.
  ///
  /// - Parameters:
  ///   - claims: All, or those that were asked for.
  ///   - isWhole: Whether the inputs of the findings and the recomputation of each claim follow; if
  ///     not, GitHub takes the text of all claims as a comment.
  /// - Returns: Markdown.
  package func text(_ claims: [AuditedClaim], isWhole: Bool = true) -> String {
    var parts = [
      "# Claims, recomputed",
      Units.count(claims.count, "claim") + ": "
        + claims.verdictCounts.joined(separator: ", ") + ".",
    ]
    if !audit.agrees {
      parts += [
        "**The data disagrees with what is on record:**", list(audit.disagreements.map(escaped)),
      ]
    }
    parts.append(
      MarkdownReport.grid(
        ["claim", "says", "verdict", "why"],
        claims.map { claim in
          [
            isWhole ? "[\(claim.id)](#\(claim.id))" : "`\(claim.id)`", escaped(claim.paraphrase),
            claim.verdict.text, escaped(claim.reason),
          ]
        }))
    if !findings.isEmpty { parts.append("## What the data shows and the documents do not say") }
    for finding in findings {
      parts += ["### " + escaped(finding.title), escaped(finding.statement)]
      if let inference = finding.inference { parts.append("*Inferred:* " + escaped(inference)) }
      guard isWhole else { continue }
      parts.append(
        MarkdownReport.grid(
          ["input", "value", "unit", "source"],
          finding.inputs.map { input in
            [input.label, Figure.text(input.value), input.unit, input.source].map(escaped)
          }, right: [1]))
    }
    if isWhole { parts += claims.flatMap(section) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func section(_ claim: AuditedClaim) -> [String] {
    var parts = [
      "## \(claim.id)", escaped(claim.paraphrase),
      "**\(claim.verdict.text)**: "
        + escaped("\(claim.reason) (\(claim.rule), since \(claim.claim.rule.why).)"),
      list(
        claim.claim.sources.map { source in
          escaped(
            "document \(source.document), lines \(source.lines): "
              + (documents[source.document] ?? ""))
        }),
      MarkdownReport.grid(
        ["check", "recomputed", "claimed", "ratio", "tolerance", "verdict"],
        claim.checks.map { check in
          [
            check.check.what, check.value.map(Figure.text) ?? "–", check.claimedText,
            check.ratios.map(Figure.text).joined(separator: ", "), check.basis, check.verdict.text,
          ].map(escaped)
        }, right: [1, 2, 3]),
    ]
    for check in claim.checks {
      guard let expression = check.check.expression else { continue }
      let inputs = check.inputs.map { input in
        "`\(input.name)` = " + escaped("\(input.text ?? Figure.text(input.value)), \(input.source)")
      }
      parts += [
        "`\(check.check.id)`: `\(expression)`", list(inputs + check.steps.map(escaped)),
      ]
    }
    if !claim.local.isEmpty {
      parts += ["On this machine:", list(claim.local.map { escaped($0.text) })]
    }
    return parts
  }

  private func list(_ items: [String]) -> String {
    items.map { "- " + $0 }.joined(separator: "\n")
  }

  private func escaped(_ text: String) -> String { MarkdownReport.escaped(text) }
}

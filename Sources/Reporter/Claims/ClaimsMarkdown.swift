import Economics

/// The audit as Markdown: a table of verdicts, the findings, then every claim.
package struct ClaimsMarkdown {
  let audit: Audit
  let findings: [Finding]
  let documents: [String: String]

  package init(audit: Audit, findings: [Finding], documents: [String: String]) {
    self.audit = audit
    self.findings = findings
    self.documents = documents
  }

  /// The verdicts with their reasons and the findings.
  ///
  /// - Parameters:
  ///   - claims: All, or those that were asked for.
  ///   - isWhole: Whether the inputs of the findings and the recomputation of each claim follow; if
  ///     not, GitHub takes the text of all claims as a comment.
  /// - Returns: Markdown.
  package func text(_ claims: [AuditedClaim], isWhole: Bool = true) -> String {
    var lines = ["# Claims, recomputed", ""]
    lines.append(
      "\(claims.count) claims: "
        + Verdict.allCases.map { verdict in
          "\(claims.count { $0.verdict == verdict }) \(verdict.rawValue)"
        }.joined(separator: ", ") + ".")
    if !audit.agrees {
      lines += ["", "**The data disagrees with what is on record:**", ""]
      lines += audit.disagreements.map { "- " + escaped($0) }
    }
    lines += ["", "| claim | says | verdict | why |", "|---|---|---|---|"]
    for claim in claims {
      lines.append(
        row([
          isWhole ? "[\(claim.id)](#\(claim.id))" : "`\(claim.id)`", escaped(claim.paraphrase),
          claim.verdict?.rawValue ?? "not evaluated", escaped(claim.reason),
        ]))
    }
    if !findings.isEmpty {
      lines += ["", "## What the data shows and the documents do not say"]
      for finding in findings {
        lines += ["", "### " + escaped(finding.title), "", escaped(finding.statement)]
        if let inference = finding.inference { lines += ["", "*Inferred:* " + escaped(inference)] }
        guard isWhole else { continue }
        lines += ["", "| input | value | unit | source |", "|---|---:|---|---|"]
        lines += finding.inputs.map { input in
          row([
            escaped(input.label), Figure.text(input.value), escaped(input.unit),
            escaped(input.source),
          ])
        }
      }
    }
    for claim in isWhole ? claims : [] { lines += [""] + section(claim) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ claim: AuditedClaim) -> [String] {
    var lines = ["## \(claim.id)", "", escaped(claim.paraphrase), ""]
    lines.append(
      "**\(claim.verdict?.rawValue ?? "not evaluated")**: " + escaped(claim.reason)
        + " (\(claim.rule), since \(escaped(claim.claim.rule.why)).)")
    for source in claim.claim.sources {
      let what = documents[source.document] ?? ""
      lines += [
        "", "- document \(source.document), lines \(source.lines): " + escaped(what),
      ]
    }
    lines += [
      "", "| check | recomputed | claimed | ratio | tolerance | verdict |",
      "|---|---:|---:|---:|---|---|",
    ]
    for check in claim.checks {
      lines.append(
        row([
          escaped(check.check.what), check.value.map(Figure.text) ?? "–",
          check.claimedText,
          check.ratios.map(Figure.text).joined(separator: ", "),
          escaped(check.check.judged.map { "judged: \($0)" } ?? check.check.tolerance ?? "–"),
          check.verdict?.rawValue ?? "not evaluated",
        ]))
    }
    for check in claim.checks where check.check.expression != nil {
      lines += ["", "`\(check.check.id)`: `\(check.check.expression ?? "")`", ""]
      lines += check.inputs.map { input in
        "- `\(input.name)` = \(input.text ?? Figure.text(input.value)), " + escaped(input.source)
      }
      lines += check.steps.map { "- " + escaped($0) }
    }
    if !claim.local.isEmpty {
      lines += ["", "On this machine:", ""]
      lines += claim.local.map { finding in
        let value = finding.value.map { "\(Figure.text($0)) \(finding.unit)" } ?? "–"
        let mark = finding.isExtrapolated ? " (extrapolated)" : ""
        return "- " + escaped("\(finding.label): \(value)\(mark). \(finding.note)")
      }
    }
    return lines
  }

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// Text that Markdown would take for markup, made plain.
  private func escaped(_ text: String) -> String {
    var plain = ""
    for character in text.harmless {
      if "|*_`<[]\\".contains(character) { plain.append("\\") }
      plain.append(character)
    }
    return plain
  }
}

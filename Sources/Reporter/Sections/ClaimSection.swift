import Economics
import Harness

extension Report {
  /// Findings first, then every claim with its recomputation.
  var claimSection: Document.Section? {
    ClaimSection(claims: claims, findings: findings, documents: documents, sources: sources)
      .section
  }
}

extension [AuditedClaim] {
  /// `12 consistent`, one a verdict.
  var verdictCounts: [String] {
    Economics.Verdict.allCases.map { verdict in
      "\(count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
  }
}

/// The claims as a section of a report, or of a page of their own.
struct ClaimSection {
  var claims: [AuditedClaim]
  var findings: [Finding]
  /// Titles of the documents by id.
  var documents: [String: String]
  /// Where the public records come from; named where they are given.
  var sources: [PublicSource] = []
  /// Whether a run of this machine stands behind what the claims have of it.
  var isMeasured = true

  /// Findings first, then every claim with its recomputation; nil without a claim.
  var section: Document.Section? {
    guard !claims.isEmpty else { return nil }
    var blocks: [Document.Block] = []
    if !findings.isEmpty { blocks.append(.table(findingTable)) }
    blocks.append(.table(verdictTable))
    blocks.append(.claims(claims.map { entry($0) }))
    if !sources.isEmpty { blocks.append(.folded(sourceTable)) }
    let isCompared = isMeasured && claims.contains { !$0.local.isEmpty }
    return Document.Section(
      id: "claims", title: "Claims", short: "Claims",
      lead: "\(Units.count(claims.count, "claim")), recomputed from public records"
        + (isCompared ? " and compared with this machine: " : ": ")
        + "\(Wording.list(claims.verdictCounts)).",
      blocks: blocks)
  }

  private var findingTable: DataTable {
    DataTable(
      id: "findings", caption: "What the records show and the documents do not say",
      columns: [.init("Finding"), .init("What was computed"), .init("Inferred", rank: 1)],
      rows: findings.map { finding in
        let inputs = finding.inputs.map {
          "\($0.label) = \(NumberFormat.significant($0.value, digits: 6)) \($0.unit) (\($0.source))"
        }
        return [
          .init(Wording.powers(finding.title)),
          .init(Wording.powers(finding.statement), note: inputs.joined(separator: "; ")),
          .init(finding.inference.map { Wording.powers($0) } ?? "–"),
        ]
      })
  }

  private var verdictTable: DataTable {
    DataTable(
      id: "verdicts", caption: "Claims that do not hold, each with its reason",
      columns: [.init("Claim"), .init("Reason")],
      rows: claims.filter { $0.verdict == .inconsistent }.map { claim in
        [
          .init(claim.id, note: claim.paraphrase, tone: .code, link: .claim),
          .init(Wording.powers(claim.reason)),
        ]
      })
  }

  private func entry(_ claim: AuditedClaim) -> ClaimEntry {
    let steps = claim.checks.flatMap { check -> [String] in
      guard !check.steps.isEmpty else { return [] }
      let inputs = check.inputs.map { input in
        "  \(input.name) = \(input.text ?? Figure.text(input.value))  [\(place(of: input.source))]"
      }
      return ["\(check.check.what):"] + inputs + check.steps.map { "  \($0)" }
    }
    return ClaimEntry(
      id: claim.id, kind: claim.kind, paraphrase: Wording.powers(claim.paraphrase),
      verdict: claim.verdict, reason: Wording.powers(claim.reason),
      documents: claim.documents.map { documents[$0] ?? $0 }, checks: checkTable(claim),
      steps: steps, local: claim.local.map { $0.text { NumberFormat.significant($0) } },
      rule: "\(claim.rule); \(claim.claim.rule.why)",
      sources: claim.checks.flatMap(\.inputs).flatMap { SourceAddress.all(in: $0.source) }.unique)
  }

  private var sourceTable: DataTable {
    DataTable(
      id: "sources", caption: "Where the records come from",
      columns: [.init("Source"), .init("Place"), .init("Licence")],
      rows: sources.map {
        [.init($0.what), .init($0.place, link: .addresses), .init($0.licence)]
      })
  }

  /// Table and row of an input; the row names its own source, which `claims show` prints.
  private func place(of source: String) -> String {
    source.range(of: ": http").map { String(source[..<$0.lowerBound]) } ?? source
  }

  private func checkTable(_ claim: AuditedClaim) -> DataTable {
    DataTable(
      id: "claim-\(claim.id)-checks", caption: "Checks of \(claim.id)",
      columns: [
        .init("Check"), .init("Recomputed", isNumber: true), .init("Claimed", isNumber: true),
        .init("Ratio", isNumber: true), .init("Tolerance"), .init("Verdict"),
      ],
      rows: claim.checks.map { check in
        [
          .init(check.check.what, note: check.check.note ?? ""),
          check.value.map { .init(Figure.text($0), number: $0) } ?? .init("–", tone: .quiet),
          .init(check.claimedText),
          .init(check.ratios.map { NumberFormat.significant($0) }.joined(separator: ", ")),
          .init(check.basis), .init(check.verdict.text, tone: tone(check.verdict)),
        ]
      })
  }

  private func tone(_ verdict: Economics.Verdict?) -> DataTable.Tone {
    switch verdict {
    case .consistent: .good
    case .inconsistent: .bad
    case .notCheckable, nil: .quiet
    }
  }
}

extension Document {
  /// Claims on a page of their own; `isMeasured` where a run of this machine stands behind them.
  package init(
    claims: [AuditedClaim], findings: [Finding], documents: [String: String], subtitle: String,
    isMeasured: Bool
  ) {
    self.init(
      title: "Claims, recomputed", subtitle: subtitle,
      sections: [
        ClaimSection(
          claims: claims, findings: findings, documents: documents, isMeasured: isMeasured
        ).section
      ].compactMap { $0 })
  }
}

import Economics
import Reporter
import Testing

/// `claims show` on one screen, for every claim and with this machine's figures.
@Suite struct ClaimScreenTests {
  @Test func everyClaimHasRoom() throws {
    let audit = try Claims.audit(local: LocalMeasurement(SampleReport.record))
    let text = ClaimsText(
      audit: audit, findings: try Findings.all(), documents: try Claims.documents())
    let curves = try Curve.all() + Curve.fitted()
    #expect(audit.claims.count > 50)
    for claim in audit.claims {
      let lines = try text.showScreen(claim, curves: curves).count { $0 == "\n" }
      #expect((1...40).contains(lines), "\(claim.id): \(lines) lines")
    }
  }

  /// However many do not hold, those that hold are named, too.
  @Test func everyVerdictHasItsShareOfTheScreen() throws {
    let audit = try Claims.audit()
    let text = ClaimsText(audit: audit, findings: [], documents: [:])
    let lines = text.screen(of: audit.claims).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 41 && lines.count > 36, "\(lines.count)")
    for mark in ["✗", "?", "✓"] {
      #expect(lines.count { $0.hasPrefix("  \(mark) ") } >= 8, "\(mark)")
    }
    // A group that is short leaves its room to the others.
    let unknown = audit.claims.filter { $0.verdict == .notCheckable }
    let few = audit.claims.filter { $0.verdict != .notCheckable } + unknown.prefix(2)
    let shown = text.screen(of: few).split(separator: "\n")
    #expect(shown.count { $0.hasPrefix("  ? ") } == 2)
    #expect(shown.count { $0.hasPrefix("  ✗ ") } >= 12)
  }
}

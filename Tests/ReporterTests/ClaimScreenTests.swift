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
}

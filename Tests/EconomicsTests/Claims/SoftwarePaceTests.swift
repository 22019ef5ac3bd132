import Economics
import Foundation
import Harness
import Testing

/// What documents claim of software, as a factor a year, and what releases gain beside it.
struct SoftwarePaceTests {
  @Test func eightfoldAndFortySevenPercentAreFactorsAYear() throws {
    let paces = Dictionary(
      uniqueKeysWithValues: try SoftwarePace.all().map { ($0.claim, $0.yearlyFactor) })
    #expect(paces.keys.sorted() == ["software-47-per-year", "software-8x"])
    #expect(abs((paces["software-8x"] ?? 0) - 8.0.squareRoot()) < 1e-12)
    #expect(abs((paces["software-47-per-year"] ?? 0) - 1 / 0.53) < 1e-12)
  }

  @Test func releasesStandBesideThoseClaims() throws {
    let trend = SoftwareTrend(
      setting: "onnxruntime", software: "onnxruntime", kind: .infer, subject: "infer/net/b1/t1",
      releases: 7, first: ("1.14.1", "2023-02-27"), last: ("1.31.1", "2026-10"),
      yearlyFactor: 1.05, yearlyFactorCi95: [1.02, 1.08], gain: 1.2, gainCi95: nil)
    let audit = try Claims.audit(local: LocalMeasurement(releases: [trend]))
    let label = "gain a year by releases of onnxruntime, infer/net/b1/t1"
    for claim in audit.claims {
      let found = claim.local.first { $0.label == label }
      let isAsked = ["software-8x", "software-47-per-year"].contains(claim.id)
      #expect((found != nil) == isAsked, "\(claim.id)")
      #expect(found == nil || found?.value == 1.05)
    }
    let note = try #require(try audit.claim("software-8x").local.first { $0.label == label }?.note)
    #expect(note.contains("[1.02, 1.08]") && note.contains("7 releases"), "\(note)")
    #expect(note.contains("8x taken over two years is 2.83x a year"), "\(note)")
    let other = try audit.claim("software-47-per-year").local.first { $0.label == label }?.note
    #expect(other?.contains("47 % a year off the cost is 1.89x a year") == true, "\(other ?? "")")
  }
}

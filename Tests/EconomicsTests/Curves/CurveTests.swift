import Economics
import Foundation
import Testing

struct CurveTests {
  @Test func thereAreSeventeenAndTheirClaimsExist() throws {
    let curves = try Curve.all()
    #expect(curves.count == 17)
    let claims = try Claims.load()
    let ids = Set(claims.map(\.id))
    for curve in curves {
      #expect(ids.isSuperset(of: curve.claims), "\(curve.id)")
      #expect(curve.validity.contains(curve.anchorDay))
      #expect(curve.value(at: curve.anchorDay).value == curve.anchorValue)
    }
    let known = curves + (try Curve.fitted())
    for claim in claims {
      for id in claim.curves ?? [] { #expect(known.contains { $0.id == id }, "\(claim.id)") }
    }
  }

  /// Values of the dossier, computed by another program.
  @Test(
    arguments: [
      ("train-cost-10x", "2019-10-17", 5.07786, true),
      ("train-cost-10x", "2022-07-01", 0.0100158, false),
      ("inference-cost-claim", "2018-04-20", 858.979, true),
      ("inference-cost-dawnbench", "2019-07-01", 513.022, true),
      ("compute-3p4mo", "2017-07-01", 1449.86, true),
      ("compute-3p4mo", "2020-12-31", 7_616_410, false),
      ("gpt3-70", "2030-07-01", 29.5245, true), ("moore-2yr", "2026-11-21", 150.763, true),
      ("efficiency-16mo", "2019-07-01", 39.6723, false),
      ("dawnbench-cifar10-train", "2018-04-20", 1.13893, true),
    ] as [(String, String, Double, Bool)])
  func valuesAndRanges(id: String, date: String, expected: Double, inRange: Bool) throws {
    let value = try Curve.named(id).value(at: try #require(Day(date)))
    #expect(abs(value.value / expected - 1) < 6e-6)
    #expect(value.isInRange == inRange)
  }

  @Test func aCurveDoublesInItsMonths() throws {
    #expect(abs(try Curve.named("efficiency-16mo").doublingMonths - 16) < 1e-5)
  }

  @Test func aWrongNameIsAnsweredWithTheNearest() {
    #expect {
      try Curve.named("gpt3-7")
    } throws: { error in
      "\(error)".contains("'gpt3-70'")
    }
  }
}

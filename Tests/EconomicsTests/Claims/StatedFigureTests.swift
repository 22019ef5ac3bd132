import Basics
import Economics
import TestSupport
import Testing

/// What is said to be the documents' is in the claims, digit for digit.
struct StatedFigureTests {
  let claims: [Claim]

  init() throws { claims = try Claims.load() }

  @Test func claimedLinesRestOnStatedFigures() throws {
    for curve in try Curve.all() {
      let figures = try curve.figures(in: claims)
      guard curve.basis == .claimed, curve.unit.hasPrefix("USD") else {
        #expect(figures.isEmpty, "\(curve.id)")
        continue
      }
      // The line starts at one of them; where it goes from there is ours.
      let start = try #require(figures.first { $0.day == curve.anchorDay }, "\(curve.id)")
      #expect(start.value == curve.anchorValue)
      #expect(figures.map(\.day) == figures.map(\.day).sorted())
    }
  }

  @Test func figuresAndDatesAreThoseOfTheClaims() throws {
    func text(_ curve: String) throws -> [String] {
      try Curve.named(curve).figures(in: claims).map(\.text)
    }
    #expect(try text("train-cost-10x") == ["1000 (2017)", "10 (2019)", "1 (end of 2020)"])
    #expect(
      try text("inference-cost-claim") == ["10 000 (two years before 2020)", "0.03 (2020)"])
  }

  @Test func aFigureThatNoClaimStatesIsRefused() throws {
    let curve = try Curve.named("train-cost-10x")
    #expect(throws: Problem.self) { try curve.figures(in: Array(claims.dropFirst())) }
  }

  /// A paraphrase has no figure of its own: each is stated, in one of the ways to write it.
  @Test func paraphrasesStateNothingElse() {
    for claim in claims {
      var literals: Set<Double> = []
      for number in claim.numbers.values {
        let size = abs(number.value)
        literals.formUnion([size, size * 100, size / 1e6])
        literals.formUnion(Numerals.all(in: number.when ?? "") + Numerals.all(in: number.unit))
      }
      if claim.kind == "definition" {
        literals.formUnion(claim.checks.flatMap { Numerals.all(in: $0.expression ?? "") })
      }
      literals.formUnion(Numerals.all(in: claim.id.replacing("-", with: " ")).filter { $0 > 1900 })
      for numeral in Numerals.all(in: claim.paraphrase) {
        #expect(
          literals.contains { abs($0 / numeral - 1) < 1e-9 }, "\(claim.id): \(numeral)")
      }
    }
  }
}

import Economics
import Harness
import TestSupport
import Testing

/// The price of an inference is for what was inferred.
struct PricedItemsTests {
  private func derived(_ name: String) -> CaseRecord.Derived {
    var derived = CaseRecord.Derived()
    derived.item = name
    (derived.itemsPerSecond, derived.itemsPerSecondCi95) = (50, [40, 80])
    if name == "sequence" {
      (derived.tokensPerSecond, derived.tokensPerSecondCi95) = (5000, [4000, 8000])
    }
    if name == "image" {
      (derived.imagesPerSecond, derived.imagesPerSecondCi95) = (50, [40, 80])
    }
    let item = CaseRecord(
      id: "infer/x/b1/t2/native", kind: .infer, parameters: ["network": "x"], algorithm: "plan",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: nil),
      accuracy: .init(status: "not evaluated"), processes: [], statistics: nil, derived: derived,
      validity: .init(ok: true), repeat: "")
    var record = ResultRecord(context: .sample(arguments: ["infer"]), cases: [item])
    record.setPrice(.given(usdPerHour: 0.36))
    return record.cases[0].derived
  }

  @Test func imagesByTheBillion() throws {
    let derived = derived("image")
    #expect(abs(try #require(derived.usdPerBillionImages) / 2000 - 1) < 1e-12)
    #expect(derived.usdPerMillionPositions == nil && derived.usdPerMillionPositionsCi95 == nil)
    #expect(derived.usdPerCount == derived.usdPerBillionImages)
  }

  @Test func positionsByTheMillion() throws {
    let derived = derived("position")
    #expect(abs(try #require(derived.usdPerMillionPositions) / 2 - 1) < 1e-12)
    let ends = try #require(derived.usdPerMillionPositionsCi95)
    for (end, expected) in zip(ends, [1.25, 2.5]) { #expect(abs(end / expected - 1) < 1e-12) }
    #expect(derived.usdPerBillionImages == nil && derived.usdPerBillionImagesCi95 == nil)
    #expect(derived.usdPerCount == derived.usdPerMillionPositions)
  }

  /// Sequences, and what else a model of a file may have; tokens have a price of their own.
  @Test func otherItemsAndTokensByTheMillion() throws {
    let derived = derived("sequence")
    #expect(abs(try #require(derived.usdPerMillionItems) / 2 - 1) < 1e-12)
    let ends = try #require(derived.usdPerMillionItemsCi95)
    for (end, expected) in zip(ends, [1.25, 2.5]) { #expect(abs(end / expected - 1) < 1e-12) }
    #expect(derived.usdPerCount == derived.usdPerMillionItems)
    #expect(derived.usdPerMillionPositions == nil && derived.usdPerBillionImages == nil)
    #expect(abs(try #require(derived.usdPerMillionTokens) / 0.02 - 1) < 1e-12)
    let tokens = try #require(derived.usdPerMillionTokensCi95)
    for (end, expected) in zip(tokens, [0.0125, 0.025]) { #expect(abs(end / expected - 1) < 1e-12) }
  }
}

import Programs
import Testing

/// Which of the first and the last layer stay float, by errors that nobody measured.
@Suite struct EdgeChoiceTests {
  private static let both = ["first", "last"]

  /// What is chosen where outputs are off by so much with some layers in float, and what was tried.
  private func choose(
    _ errors: [[String]: Double], shares: [Double] = [0, 0]
  ) throws -> (choice: EdgeChoice?, tried: [[String]]) {
    let edges = zip(Self.both, shares).map { EdgeChoice.Edge(layer: $0, share: $1) }
    var tried: [[String]] = []
    let choice = try EdgeChoice.measured(edges, items: 8) { kept in
      tried.append(kept)
      return errors[kept]
    }
    return (choice, tried)
  }

  @Test func neitherIsTriedAloneWhereBothBringTooLittle() throws {
    let (found, tried) = try choose([[]: 0.04, Self.both: 0.021])
    let choice = try #require(found)
    #expect(tried == [[], Self.both] && choice.kept.isEmpty)
    #expect(choice.error == 0.04 && choice.errorKept == 0.021)
    #expect(
      choice.sentence
        == "By measured loss first and last are on bytes: outputs are off by 4 %, by 2.1 % with "
        + "float32 there (8 items).")
  }

  @Test func theOneThatSpoilsOutputsIsKept() throws {
    let errors: [[String]: Double] = [
      []: 1, Self.both: 0.02, ["first"]: 0.03, ["last"]: 0.9,
    ]
    let (found, tried) = try choose(errors)
    let choice = try #require(found)
    #expect(tried == [[], Self.both, ["first"], ["last"]] && choice.kept == ["first"])
    #expect(choice.error == 1 && choice.errorKept == 0.03)
    #expect(
      choice.sentence
        == "By measured loss first is in float32: outputs are off by 3 %, by 100 % on bytes "
        + "(8 items).")
  }

  @Test func bothAreKeptWhereEachIsWorthIt() throws {
    #expect(
      try choose([[]: 1, Self.both: 0.1, ["first"]: 0.3, ["last"]: 0.4]).choice?.kept == Self.both)
    // Beside the first the last one brings less than a half.
    #expect(
      try choose([[]: 1, Self.both: 0.2, ["first"]: 0.3, ["last"]: 0.4]).choice?.kept == ["first"])
  }

  /// Half of the operations in float make two and a half times the time of all in bytes.
  @Test func timeCounts() throws {
    let errors: [[String]: Double] = [[]: 1, Self.both: 0.3, ["first"]: 0.3, ["last"]: 1]
    #expect(try choose(errors).choice?.kept == ["first"])
    #expect(try choose(errors, shares: [0.5, 0]).choice?.kept == [])
    #expect(EdgeChoice.Edge(layer: "first", share: 0.5).margin == 5)
    // ResNet-50's first layer: 112² pixels, 64 filters of 7² · 3, of 4 089 184 256 multiply-adds.
    let share = Double(112 * 112 * 64 * 147) / 4_089_184_256
    #expect(abs(EdgeChoice.Edge(layer: "conv1", share: share).margin - 2.173) < 1e-3)
  }

  /// Where the smallest error is of one layer alone, it is not told of both.
  @Test func theSentenceNamesTheLayersOfItsError() throws {
    let errors: [[String]: Double] = [[]: 1, Self.both: 0.4, ["first"]: 0.3, ["last"]: 0.9]
    let choice = try #require(try choose(errors, shares: [0.5, 0]).choice)
    #expect(choice.kept.isEmpty && choice.errorKept == 0.3)
    #expect(
      choice.sentence
        == "By measured loss first and last are on bytes: outputs are off by 100 %, by 30 % with "
        + "float32 in first alone (8 items).")
  }

  @Test func aLayerHasToBeLeftOnBytes() throws {
    let (found, tried) = try choose([[]: 1, ["first"]: 0.2, ["last"]: 0.9])
    #expect(tried.count == 4 && found?.kept == ["first"])
    #expect(try choose([[]: 1]).choice == nil)
    #expect(try EdgeChoice.measured([], items: 8) { _ in 1 } == nil)
  }

  @Test func noErrorIsNoneToLower() throws {
    #expect(try choose([[]: 0, Self.both: 0]).choice?.kept == [])
  }
}

import Basics
import Formats
import Graphs
import Interchange
import Testing

/// Parts of constants, and what indices name in them.
@Suite struct SelectionFoldingTests {
  /// Nodes that give `c`, from `a`, a list of whole numbers, and what they give.
  static let cases: [(nodes: [ModelFile.Node], list: [Int64], expected: [Double])] = [
    ([node("Tile", ["a", "two"], "c")], [4, 5], [4, 5, 4, 5]),
    (
      [node("Pad", ["a", "wide"], "c", ["mode": .text(Array("reflect".utf8))])], [4, 5, 6],
      [6, 5, 4, 5, 6, 5, 4, 5]
    ),
    (
      [node("Pad", ["a", "wide"], "c", ["mode": .text(Array("wrap".utf8))])], [4, 5],
      [4, 5, 4, 5, 4, 5, 4]
    ),
    (
      [node("Pad", ["a", "wide"], "c", ["mode": .text(Array("edge".utf8))])], [4, 5],
      [4, 4, 4, 5, 5, 5, 5]
    ),
    ([node("Pad", ["a", "cut", "k"], "c")], [4, 5, 6], [5, 6, 3]),
    ([node("Pad", ["a", "wide", "k", "zero"], "c")], [4], [3, 3, 4, 3, 3, 3]),
    ([node("GatherElements", ["a", "i"], "c")], [4, 5], [5, 4]),
    ([node("Unsqueeze", ["zero", "one"], "n"), node("GatherND", ["a", "n"], "c")], [4, 5], [4]),
    ([node("ScatterElements", ["a", "zero", "one"], "c")], [4, 5], [1, 5]),
    (
      [ModelFile.Node("Split", inputs: ["a"], outputs: ["c", ""])], [4, 5, 6], [4, 5]
    ),
    ([node("OneHot", ["a", "k", "hot"], "c")], [-1, 0], [8, 8, 9, 9, 8, 8]),
    (
      [node("Reshape", ["a", "square"], "m"), node("Trilu", ["m"], "c")], [4, 5, 6, 7],
      [4, 5, 0, 7]
    ),
    (
      [
        node("Reshape", ["a", "square"], "m"), node("EyeLike", ["m"], "c", ["k": .integer(-1)]),
      ], [4, 5, 6, 7], [0, 0, 1, 0]
    ),
    ([node("Size", ["a"], "c")], [4, 5, 6], [3]),
    ([node("Compress", ["a", "i"], "c")], [4, 5], [4]),
    ([node("CenterCropPad", ["a", "five"], "c")], [4, 5], [0, 4, 5, 0, 0]),
    ([node("CenterCropPad", ["a", "two"], "c")], [4, 5, 6, 7, 8], [5, 6]),
    ([node("HannWindow", ["a"], "c")], [4], [0, 0.5, 1, 0.5]),
    (
      [node("HannWindow", ["a"], "c", ["periodic": .integer(0)])], [5], [0, 0.5, 1, 0.5, 0]
    ),
    ([node("NonZero", ["a"], "c")], [0, 4, 0, 5], [1, 3]),
  ]

  private func model(_ nodes: [ModelFile.Node], _ list: [Int64]) -> TestModel {
    TestModel(
      [.fixed(1), .fixed(1)],
      nodes + [
        node("Cast", ["c"], "float", ["to": .integer(1)]),
        node("Reshape", ["float", "row"], "w"), node("MatMul", ["x", "w"], "y"),
      ],
      [
        TestModel.list("a", list), TestModel.list("row", [1, -1]), Self.scalar("k", 3),
        Self.scalar("none", 0), Self.scalar("far", .max), TestModel.list("i", [-1, 0]),
        TestModel.list("zero", [0]), TestModel.list("one", [1]), TestModel.list("two", [2]),
        TestModel.list("three", [1, 2, 3]), TestModel.list("wide", [2, 3]),
        TestModel.list("cut", [-1, 1]), TestModel.list("five", [5]), TestModel.list("hot", [8, 9]),
        TestModel.list("square", [2, 2]), TestModel.list("pair", [-1, -1]),
        TestModel.list("long", [1 << 25]),
      ])
  }

  private static func scalar(_ name: String, _ value: Int64) -> ModelFile.Tensor {
    ModelFile.Tensor(name, [], integers: [value])
  }

  @Test(arguments: cases)
  func computesConstants(nodes: [ModelFile.Node], list: [Int64], expected: [Double]) throws {
    let own = try model(nodes, list).run([1])
    #expect(own.count == expected.count)
    for (own, expected) in zip(own, expected) { #expect(abs(own - expected) < 1e-7) }
  }

  /// Nodes that give `c` from a list of two, and words of the sentence.
  static let lies: [(nodes: [ModelFile.Node], word: String)] = [
    ([node("Expand", ["a", "three"], "c")], "makes [1, 2, 3] of [2]"),
    ([node("Expand", ["none", "long"], "c")], "at most 16777216"),
    ([node("Tile", ["a", "long"], "c")], "at most 16777216"),
    ([node("Tile", ["a", "three"], "c")], "repeats for each axis"),
    ([node("Pad", ["a", "three"], "c")], "two pads for each axis"),
    ([node("Pad", ["a", "pair", "none", "pair"], "c")], "two pads for each axis"),
    ([node("GatherND", ["a", "far"], "c")], "name nothing"),
    ([node("GatherElements", ["a", "none"], "c")], "name nothing"),
    ([node("ScatterND", ["a", "zero", "three"], "c")], "cannot be written"),
    (
      [
        node(
          "ScatterElements", ["a", "zero", "one"], "c", ["reduction": .text(Array("mean".utf8))])
      ], "the reduction mean"
    ),
    ([node("OneHot", ["a", "far", "pair"], "c")], "lacks its depth"),
    ([node("Trilu", ["a"], "c")], "no matrices"),
    ([node("EyeLike", ["a"], "c")], "gives ones in [2]"),
  ]

  @Test(arguments: lies)
  func refusesWhatCannotBeComputed(nodes: [ModelFile.Node], word: String) {
    let refusal = model(nodes, [1, 2]).refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }
}

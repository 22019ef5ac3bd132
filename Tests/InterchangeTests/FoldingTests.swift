import Basics
import Formats
import Graphs
import Interchange
import Testing

/// Constants and shapes that are computed while a model is translated.
@Suite struct FoldingTests {
  /// The value `c` of nodes over constants, seen through a product with 1.
  private func folded(
    _ nodes: [ModelFile.Node], _ tensors: [ModelFile.Tensor], version: Int = 17
  ) throws -> [Double] {
    try model(nodes, tensors, version: version).run([1])
  }

  private func model(
    _ nodes: [ModelFile.Node], _ tensors: [ModelFile.Tensor], version: Int = 17
  ) -> TestModel {
    var model = TestModel(
      [.fixed(1), .fixed(1)],
      nodes + [
        node("Cast", ["c"], "float", ["to": .integer(1)]),
        node("Reshape", ["float", "row"], "w"), node("MatMul", ["x", "w"], "y"),
      ], tensors + [TestModel.list("row", [1, -1])])
    model.version = version
    return model
  }

  /// Nodes that give `c`, from `a`, a list of whole numbers, and what they give.
  static let cases: [(nodes: [ModelFile.Node], list: [Int64], expected: [Double])] = [
    ([node("Add", ["a", "a"], "c")], [1, -2], [2, -4]),
    ([node("Sub", ["a", "k"], "c")], [1, -2], [-2, -5]),
    ([node("Mul", ["k", "a"], "c")], [1, -2], [3, -6]),
    ([node("Div", ["a", "k"], "c")], [7, -7], [2, -2]),
    ([node("Min", ["a", "k"], "c")], [7, -7], [3, -7]),
    ([node("Max", ["a", "k"], "c")], [7, -7], [7, 3]),
    ([node("Neg", ["a"], "c")], [7, -7], [-7, 7]),
    ([node("Abs", ["a"], "c")], [7, -7], [7, 7]),
    ([node("Relu", ["a"], "c")], [7, -7], [7, 0]),
    ([node("Equal", ["a", "k"], "c")], [3, 4], [1, 0]),
    ([node("LessOrEqual", ["a", "k"], "c")], [3, 4], [1, 0]),
    ([node("GreaterOrEqual", ["a", "k"], "c")], [2, 3], [0, 1]),
    ([node("Mod", ["a", "k"], "c")], [7, -7], [1, 2]),
    ([node("Mod", ["a", "k"], "c", ["fmod": .integer(1)])], [7, -7], [1, -1]),
    ([node("Pow", ["a", "k"], "c")], [2, -3], [8, -27]),
    ([node("Sum", ["a", "k", "a"], "c")], [2, -3], [7, -3]),
    ([node("Clip", ["a", "zero"], "c")], [7, -7], [7, 0]),
    ([node("BitwiseXor", ["a", "k"], "c")], [2, 3], [1, 0]),
    (
      [
        node("Unsqueeze", ["a", "one"], "down"), node("Unsqueeze", ["a", "zero"], "across"),
        node("Sub", ["down", "across"], "c"),
      ], [1, 20, 300], [0, -19, -299, 19, 0, -280, 299, 280, 0]
    ),
    (
      [
        node("Unsqueeze", ["a", "one"], "down"), node("Reshape", ["wideList", "wide"], "m"),
        node("Sub", ["m", "down"], "c"),
      ], [10, 20], [-9, -8, -7, -16, -15, -14]
    ),
    ([node("BitwiseNot", ["a"], "c")], [2, -3], [-3, 2]),
    (
      [node("CastLike", ["a", "h"], "f"), node("Reciprocal", ["f"], "c")], [2, -4], [0.5, -0.25]
    ),
    (
      [
        node("Less", ["a", "k"], "l"), node("Not", ["l"], "g"), node("Or", ["l", "g"], "o"),
        node("And", ["o", "l"], "c"),
      ], [2, 3], [1, 0]
    ),
    ([node("Less", ["a", "k"], "c")], [2, 3], [1, 0]),
    ([node("Greater", ["a", "k"], "c")], [3, 4], [0, 1]),
    ([node("Less", ["a", "k"], "b"), node("Not", ["b"], "c")], [2, 3], [0, 1]),
    ([node("Less", ["a", "k"], "b"), node("Where", ["b", "a", "k"], "c")], [2, 9], [2, 3]),
    ([node("Cast", ["a"], "f", ["to": .integer(1)]), node("Sqrt", ["f"], "c")], [4, 9], [2, 3]),
    (
      [
        node("Cast", ["a"], "f", ["to": .integer(11)]), node("Div", ["f", "h"], "g"),
        node("Floor", ["g"], "c"),
      ], [5, -5], [2, -3]
    ),
    (
      [
        node("Cast", ["a"], "f", ["to": .integer(11)]), node("Div", ["f", "h"], "g"),
        node("Ceil", ["g"], "d"), node("Cast", ["d"], "c", ["to": .integer(7)]),
      ], [5, -5], [3, -2]
    ),
    ([node("Gather", ["a", "i"], "c")], [5, 6, 7], [7, 5]),
    ([node("Concat", ["a", "i", "a"], "c", ["axis": .integer(0)])], [5], [5, -1, 0, 5]),
    ([node("Slice", ["a", "i", "far"], "c")], [5, 6, 7], [7]),
    ([node("Slice", ["a", "one", "far"], "c")], [5, 6, 7], [6, 7]),
    ([node("Slice", ["a", "far", "least", "zero", "back"], "c")], [5, 6, 7], [7, 6, 5]),
    ([node("Slice", ["a", "zero", "far", "zero", "two"], "c")], [5, 6, 7], [5, 7]),
    ([node("Slice", ["a", "far", "far"], "b"), node("Shape", ["b"], "c")], [5, 6, 7], [0]),
    ([node("Shape", ["a"], "c")], [5, 6, 7], [3]),
    ([node("ConstantOfShape", ["a"], "c")], [2, 2], [0, 0, 0, 0]),
    ([node("Expand", ["k", "a"], "c")], [2, 1], [3, 3]),
    ([node("Identity", ["a"], "c")], [4], [4]),
    (
      [
        node("Reshape", ["a", "wide"], "m"), node("Transpose", ["m"], "c"),
      ], [1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6]
    ),
    (
      [node("Unsqueeze", ["a", "one"], "m"), node("Shape", ["m"], "c")], [8, 9], [2, 1]
    ),
    (
      [
        node("Unsqueeze", ["a", "zero"], "m"), node("Squeeze", ["m"], "s"),
        node("Shape", ["s"], "c"),
      ], [8, 9], [2]
    ),
    (
      [node("Flatten", ["a"], "m", ["axis": .integer(0)]), node("Shape", ["m"], "c")], [8, 9],
      [1, 2]
    ),
    ([node("Range", ["none", "k", "unit"], "c")], [1], [0, 1, 2]),
    ([node("Constant", [], "c", ["value_ints": .integers([3, 4])])], [1], [3, 4]),
    ([node("Constant", [], "c", ["value_float": .float(0.5)])], [1], [0.5]),
  ]

  private static func scalar(_ name: String, _ value: Int64) -> ModelFile.Tensor {
    ModelFile.Tensor(name, [], integers: [value])
  }

  @Test(arguments: cases)
  func computesConstants(nodes: [ModelFile.Node], list: [Int64], expected: [Double]) throws {
    let tensors = [
      TestModel.list("a", list), Self.scalar("k", 3), Self.scalar("none", 0),
      Self.scalar("unit", 1),
      TestModel.list("i", [-1, 0].prefix(nodes[0].inputs.contains("far") ? 1 : 2).map { $0 }),
      ModelFile.Tensor("h", .float64, [], .bytes([0, 0, 0, 0, 0, 0, 0, 0x40])),
      TestModel.list("far", [.max]), TestModel.list("least", [.min]),
      TestModel.list("zero", [0]), TestModel.list("one", [1]), TestModel.list("two", [2]),
      TestModel.list("back", [-1]), TestModel.list("wide", [2, 3]),
      TestModel.list("wideList", [1, 2, 3, 4, 5, 6]),
    ]
    #expect(try folded(nodes, tensors) == expected)
  }

  /// What PyTorch writes for `x.view(x.shape[0], -1)`.
  @Test func computesShapesFromTheBatch() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(3)],
      [
        node("Shape", ["x"], "s"), node("Gather", ["s", "zero"], "n"),
        node("Unsqueeze", ["n"], "u", ["axes": .integers([0])]),
        node("Concat", ["u", "rest"], "t", ["axis": .integer(0)]),
        node("Reshape", ["x", "t"], "r"),
        node("MatMul", ["r", "w"], "y"),
      ],
      [
        ModelFile.Tensor("zero", [], integers: [0]), TestModel.list("rest", [-1]),
        TestModel.floats("w", [6, 1], [1, 1, 1, 1, 1, 1]),
      ])
    let x = (0..<18).map { Double($0) }
    #expect(try model.run(x, ModelSizes(batch: 3)) == [15, 51, 87])
    #expect(try model.imported(ModelSizes(batch: 3)).graph.nodes.count == 2)
  }

  @Test func transposesStoredWeights() throws {
    let model = TestModel(
      [.fixed(1), .fixed(2)],
      [node("Transpose", ["v"], "w"), node("MatMul", ["x", "w"], "y")],
      [TestModel.floats("v", [3, 2], [1, 2, 3, 4, 5, 6])])
    #expect(try model.run([1, 10]) == [21, 43, 65])
  }

  /// Nodes that give `c`, and a word of the sentence.
  static let lies: [(nodes: [ModelFile.Node], word: String)] = [
    ([node("ConstantOfShape", ["huge"], "c")], "at most 134217728"),
    ([node("ConstantOfShape", ["negative"], "c")], "at most 134217728"),
    ([node("Expand", ["none", "huge"], "c")], "at most 134217728"),
    ([node("Range", ["none", "far", "unit"], "c")], "at most 134217728"),
    ([node("Range", ["none", "unit", "none"], "c")], "counts from"),
    ([node("Div", ["a", "none"], "c")], "divides by 0"),
    ([node("Mod", ["a", "none"], "c")], "divides by 0"),
    ([node("Clip", ["a", "a"], "c")], "has bounds of [2]"),
    ([node("Gather", ["a", "far"], "c")], "gathers element"),
    ([node("Gather", ["none", "none"], "c")], "from a scalar"),
    ([node("Slice", ["a", "a", "a", "far"], "c")], "number of ends"),
    ([node("Slice", ["a", "one", "one", "far"], "c")], "names axis"),
    ([node("Slice", ["a", "one", "one", "zero", "zero"], "c")], "steps of 0"),
    ([node("Concat", ["a", "none"], "c", ["axis": .integer(0)])], "different ranks"),
    ([node("Concat", ["none", "a"], "c", ["axis": .integer(0)])], "names axis 0 of 0"),
    ([node("Add", ["empty", "a"], "c")], "combines"),
    ([node("Concat", ["a", "a"], "c", ["axis": .integer(7)])], "names axis 7"),
    ([node("Reshape", ["a", "far"], "c")], "lacks its dimensions"),
    ([node("Reshape", ["a", "pair"], "c")], "makes"),
    ([node("Transpose", ["a"], "c", ["perm": .integers([1])])], "the order [1]"),
    ([node("Squeeze", ["a", "zero"], "c")], "which are not 1"),
    ([node("Unsqueeze", ["a", "pair"], "c")], "an axis twice"),
    ([node("Flatten", ["a"], "c", ["axis": .integer(9)])], "names axis 9"),
    ([node("Add", ["a", "three"], "c")], "combines"),
    ([node("Cast", ["a"], "c", ["to": .integer(8)])], "no numbers"),
    ([node("Constant", [], "c", ["value_string": .text([])])], "not supported"),
    ([node("Add", ["a"], "c")], "not 2"),
  ]

  @Test(arguments: lies)
  func refusesWhatCannotBeComputed(nodes: [ModelFile.Node], word: String) {
    let tensors = [
      TestModel.list("a", [1, 2]), Self.scalar("none", 0), Self.scalar("unit", 1),
      TestModel.list("huge", [1 << 20, 1 << 20]), TestModel.list("negative", [-1]),
      Self.scalar("far", .max), TestModel.list("zero", [0]), TestModel.list("one", [1]),
      ModelFile.Tensor("empty", [0, 1 << 40], integers: []), TestModel.list("pair", [-1, -1]),
      TestModel.list("three", [1, 2, 3]),
    ]
    let refusal = model(nodes, tensors).refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }
}

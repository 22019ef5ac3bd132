import Formats
import Graphs
import Interchange
import Tensors
import Testing

/// Elements that indices or coordinates name, and values whose batch is joined or cut.
@Suite struct GatheringImportTests {
  /// Of eight channels with one pixel, two with two by two: a block's place is the outer part of the
  /// channel's number, or the inner one.
  @Test func makesPixelsOfChannels() throws {
    let modes: [(String, [Double])] = [
      ("DCR", [0, 2, 4, 6, 1, 3, 5, 7]), ("CRD", [0, 1, 2, 3, 4, 5, 6, 7]),
    ]
    for (mode, expected) in modes {
      let model = TestModel(
        [.fixed(1), .fixed(8), .fixed(1), .fixed(1)],
        [
          node(
            "DepthToSpace", ["x"], "y",
            ["blocksize": .integer(2), "mode": .text(Array(mode.utf8))])
        ])
      #expect(try model.run((0..<8).map { Double($0) }) == expected)
    }
  }

  /// An embedding: a table of the model's, and ids that are given.
  @Test func readsRowsOfATable() throws {
    var model = TestModel(
      [.symbol("N"), .symbol("sequence")],
      [
        node("Gather", ["table", "x"], "e"),
        node("Gather", ["e", "zero"], "y", ["axis": .integer(1)]),
      ],
      [
        TestModel.floats("table", [3, 2], [1, 2, 3, 4, 5, 6]),
        ModelFile.Tensor("zero", [], integers: [-1]),
      ])
    model.graph.inputs = [
      ModelFile.Port("x", .tensor(.int64, [.symbol("N"), .symbol("sequence")]))
    ]
    let imported = try model.imported(ModelSizes(batch: 2, sequence: 3))
    #expect(imported.graph.nodes.allSatisfy { $0.op.isPerImage })
    #expect(try imported.run(["x": [0, 1, 2, 2, 1, -3]])["y"] == [5, 6, 1, 2])
    let outside = try imported.run(["x": [0, 1, 3, 2, 1, 0]])["y"] ?? []
    #expect(outside[0].isNaN && outside[1].isNaN && Array(outside[2...]) == [1, 2])
  }

  /// Three parts, the last one shorter, of which one is not wanted.
  @Test func splitsAndJoinsAgain() throws {
    let split = ModelFile.Node(
      "Split", inputs: ["x"], outputs: ["a", "b", "c"],
      attributes: [
        ModelFile.Attribute("axis", .integer(1)), ModelFile.Attribute("num_outputs", .integer(3)),
      ])
    let model = TestModel(
      [.symbol("N"), .fixed(5)],
      [split, node("Concat", ["c", "a"], "y", ["axis": .integer(-1)])])
    let x = (0..<10).map { Double($0) }
    #expect(try model.run(x, ModelSizes(batch: 2)) == [4, 0, 1, 9, 5, 6])
  }

  /// Rows of a batch side by side, as GPT-2's exporters write a layer, and a batch again.
  @Test func joinsTheBatchAndCutsItAgain() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(3), .fixed(2)],
      [
        node("Reshape", ["x", "flat"], "a"), node("Gemm", ["a", "w"], "b"),
        node("Reshape", ["b", "back"], "c"), node("Add", ["c", "x"], "y"),
      ],
      [
        TestModel.list("flat", [-1, 2]), TestModel.list("back", [2, 3, 2]),
        TestModel.floats("w", [2, 2], [0, 1, 1, 0]),
      ])
    let x = (0..<12).map { Double($0) }
    let expected = (0..<12).map { Double($0 / 2 * 4 + 1) }
    #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
  }

  /// A row of three, looked at from beyond its left edge to beyond its right one.
  @Test func samplesAtCoordinates() throws {
    let cases: [([String: ModelFile.Attribute.Value], [Double])] = [
      ([:], [0.5, 1, 1.5, 3, 0]),
      (["padding_mode": .text(Array("border".utf8))], [1, 1, 1.5, 3, 3]),
      (["padding_mode": .text(Array("reflection".utf8))], [1, 1, 1.5, 3, 3]),
      (["mode": .text(Array("nearest".utf8))], [1, 1, 1, 3, 0]),
      (["align_corners": .integer(1)], [1, 4.0 / 3, 5.0 / 3, 8.0 / 3, 2]),
    ]
    // Places −0.5, 0, 0.5, 2 and 3 of 0 to 2, where edges are the ends.
    let thirds: [Float] = [-3, -2, -1, 2, 4]
    let grid: [Float] = thirds.flatMap { [$0 / 3, 0] }
    for (told, expected) in cases {
      let model = TestModel(
        [.fixed(1), .fixed(1), .fixed(1), .fixed(3)],
        [node("GridSample", ["x", "grid"], "y", told)],
        [TestModel.floats("grid", [1, 1, 5, 2], grid)])
      let own = try model.run([1, 2, 3])
      #expect(own.count == 5)
      for (own, expected) in zip(own, expected) { #expect(abs(own - expected) < 1e-6, "\(told)") }
    }
  }

  /// What is marked has the type of its values, however narrow.
  @Test func marksInTheTypeOfTheValues() throws {
    let types: [(ModelFile.Element, DType)] = [(.uint8, .u8), (.int8, .i8), (.bool, .bool)]
    for (element, own) in types {
      let model = TestModel(
        [.fixed(2)], [node("OneHot", ["x", "depth", "values"], "y")],
        [
          TestModel.list("depth", [3]), ModelFile.Tensor("values", element, [2], .bytes([0, 1])),
        ])
      let imported = try model.imported()
      #expect(imported.outputs[0].element == own)
      #expect(try imported.run(["x": [2, 0]])["y"] == [0, 0, 1, 1, 0, 0])
    }
  }

  /// Blocks of two at a distance of one, which lie over one another.
  @Test func putsColumnsBack() throws {
    let model = TestModel(
      [.fixed(1), .fixed(4), .fixed(3)], [node("Col2Im", ["x", "image", "block"], "y")],
      [TestModel.list("image", [1, 4]), TestModel.list("block", [1, 2])])
    let own = try model.run([1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60])
    #expect(own == [1, 12, 23, 30, 4, 45, 56, 60])
  }
}

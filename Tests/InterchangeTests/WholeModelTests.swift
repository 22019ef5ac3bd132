import Basics
import Formats
import Graphs
import Interchange
import Tensors
import Testing

/// Models as wholes: whatever their inputs and outputs are.
@Suite struct WholeModelTests {
  private static func port(
    _ name: String, _ element: ModelFile.Element, _ lengths: [ModelFile.Length]
  ) -> ModelFile.Port { ModelFile.Port(name, .tensor(element, lengths)) }

  /// Outputs that are known before, that are an input, or that only lengths go into.
  @Test func givesWhatNeedsNoRun() throws {
    var model = TestModel(
      [.symbol("N"), .fixed(3)],
      [node("Relu", ["w"], "y"), node("Shape", ["x"], "s"), node("Identity", ["x"], "i")],
      [TestModel.floats("w", [2], [-1, 4])])
    model.graph.outputs += ["s", "i", "w", "x"].map { Self.port($0, .float32, []) }
    let imported = try model.imported(ModelSizes(batch: 2))
    let outputs = try imported.run(["x": [1, 2, 3, 4, 5, 6]])
    #expect(outputs["y"] == [0, 4] && outputs["s"] == [2, 3] && outputs["w"] == [-1, 4])
    #expect(outputs["i"] == [1, 2, 3, 4, 5, 6] && outputs["x"] == outputs["i"])
    #expect(imported.outputs.map(\.element) == [.f32, .i64, .f32, .f32, .f32])
    #expect(imported.outputs.map(\.isBatched) == [false, false, true, false, true])
    #expect(imported.outputs.map(\.lengths) == [[2], [2], [2, 3], [2], [2, 3]])
    #expect(imported.inputs.map(\.place) == [0])
  }

  @Test func leavesOutWhatNothingReads() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(3)], [node("Relu", ["x"], "a"), node("Shape", ["a"], "y")])
    let imported = try model.imported(ModelSizes(batch: 5))
    #expect(imported.graph.inputs.isEmpty && imported.graph.nodes.count == 1)
    #expect(imported.inputs.map(\.place) == [nil] && imported.inputs[0].lengths == [5, 3])
    #expect(try imported.run([:])["y"] == [5, 3])
  }

  @Test func runsWithoutInputs() throws {
    var model = TestModel([], [node("Constant", [], "y", ["value_ints": .integers([7, -8])])])
    model.graph.inputs = []
    let imported = try model.imported()
    #expect(imported.inputs.isEmpty && imported.outputs[0].element == .i64)
    #expect(try imported.run([:])["y"] == [7, -8])
    #expect(model.refusal(ModelSizes(batch: 2)).contains("has no batch"))
  }

  static let types: [(ModelFile.Element, DType)] = [
    (.float32, .f32), (.int64, .i64), (.int32, .i32), (.bool, .bool), (.uint8, .u8), (.int8, .i8),
  ]

  /// Scalars, one dimension and six.
  @Test(arguments: types, [[], [1], [2], [2, 1, 3, 1, 2, 2]])
  func takesEveryTypeAndRank(type: (ModelFile.Element, DType), lengths: [Int]) throws {
    var model = TestModel([], [node("Identity", ["x"], "a"), node("Identity", ["a"], "y")])
    model.graph.inputs = [Self.port("x", type.0, lengths.map { .fixed($0) })]
    let imported = try model.imported()
    let values = (0..<lengths.reduce(1, *)).map { Double($0 % 2) }
    #expect(try imported.run(["x": values])["y"] == values)
    let (input, output) = (imported.inputs[0], imported.outputs[0])
    #expect(input.element == type.1 && output.element == type.1)
    #expect(input.lengths == lengths && output.lengths == lengths)
    #expect(output.isBatched == !lengths.isEmpty)
  }

  /// Where items are joined, their number is fixed, and the answer is one for all.
  @Test func joinsItemsOfABatch() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(3)], [node("Reshape", ["x", "s"], "y")],
      [TestModel.list("s", [3, -1])])
    let imported = try model.imported(ModelSizes(batch: 4))
    #expect(imported.batch == 4 && imported.isBatchOpen && imported.inputs[0].isBatched)
    #expect(imported.outputs[0].lengths == [3, 8] && !imported.outputs[0].isBatched)
    let values = (0..<24).map(Double.init)
    #expect(try imported.run(["x": values])["y"] == values)
    var named = model
    named.graph.nodes = [node("Reshape", ["x", "s"], "a"), node("Reshape", ["a", "t"], "y")]
    named.graph.initializers.append(TestModel.list("t", [4, 6]))
    named.graph.outputs = [Self.port("y", .float32, [.symbol("N"), .fixed(6)])]
    #expect(try named.imported(ModelSizes(batch: 4)).outputs[0].isBatched)
  }

  @Test func knowsTheTableThatTokensPickFrom() throws {
    var model = TestModel(
      [], [node("Gather", ["t", "x"], "y")], [TestModel.floats("t", [9, 2], TestModel.pattern(18))])
    model.graph.inputs = [Self.port("x", .int64, [.symbol("N"), .fixed(3)])]
    #expect(try model.imported().inputs[0].tableRows == 9)
    #expect(
      try TestModel([.fixed(1)], [node("Relu", ["x"], "y")]).imported().inputs[0].tableRows == nil)
  }
}

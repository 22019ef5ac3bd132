import Basics
import Formats
import Interchange
import Testing

/// Functions of a model, and branches that are known before a run.
@Suite struct BranchTests {
  private static let row: [ModelFile.Length] = [.symbol("N"), .fixed(3)]

  private static func branch(
    _ nodes: [ModelFile.Node], gives name: String, _ tensors: [ModelFile.Tensor] = []
  ) -> ModelFile.Attribute.Value {
    var graph = ModelFile.Graph(name: name)
    (graph.nodes, graph.initializers) = (nodes, tensors)
    graph.outputs = [ModelFile.Port(name, .tensor(.float32, nil))]
    return .graph(graph)
  }

  /// `y` is max(x, 0) where `c` is true, and else what was there before.
  private static func choice(_ condition: [ModelFile.Tensor]) -> TestModel {
    TestModel(
      row,
      [
        node("Identity", ["x"], "before"),
        node(
          "If", ["c"], "y",
          [
            "then_branch": branch([node("Relu", ["before"], "r")], gives: "r"),
            "else_branch": branch([], gives: "before"),
          ]),
      ], condition)
  }

  private static func truth(_ value: UInt8) -> ModelFile.Tensor {
    ModelFile.Tensor("c", .bool, [], .bytes([value]))
  }

  @Test func takesTheBranchThatIsKnown() throws {
    let values: [Double] = [-1, 2, -3]
    #expect(try Self.choice([Self.truth(1)]).run(values) == [0, 2, 0])
    #expect(try Self.choice([Self.truth(0)]).run(values) == values)
  }

  @Test func asksForAConditionThatIsAnInput() throws {
    var model = Self.choice([])
    model.graph.inputs.append(ModelFile.Port("c", .tensor(.bool, [])))
    #expect(model.refusal().contains("--input c=FILE.npy"), "\(model.refusal())")
    let file = ModelFile(model.graph, operatorSets: [.init(version: 17)])
    let imported = try ImportedModel(file) { (_) throws(Problem) in Self.truth(1) }
    #expect(try imported.run(["x": [-1, 2, -3]])["y"] == [0, 2, 0])
  }

  /// Both have names of their own, which others may have too, and constants.
  @Test func takesBranchesInBranches() throws {
    let inner = node(
      "If", ["c"], "t",
      [
        "then_branch": Self.branch([node("Relu", ["x"], "r")], gives: "r"),
        "else_branch": Self.branch([node("Tanh", ["x"], "r")], gives: "r"),
      ])
    let model = TestModel(
      Self.row,
      [
        node(
          "If", ["c"], "a",
          [
            "then_branch": Self.branch(
              [inner, node("Reshape", ["t", "s"], "r")], gives: "r",
              [TestModel.list("s", [-1, 3, 1])]),
            "else_branch": Self.branch([node("Tanh", ["x"], "r")], gives: "r"),
          ]), node("Flatten", ["a"], "y"),
      ], [Self.truth(1)])
    #expect(try model.run([-1, 2, -3]) == [0, 2, 0])
  }

  @Test func refusesAConditionThatIsComputed() {
    var model = Self.choice([])
    model.graph.nodes.insert(node("Identity", ["x"], "c"), at: 0)
    #expect(!model.refusal().isEmpty)
    let lacking = TestModel(Self.row, [node("If", ["c"], "y")], [Self.truth(1)])
    #expect(lacking.refusal().contains("lacks the branch"), "\(lacking.refusal())")
    let branch = Self.branch([node("Relu", ["y"], "r")], gives: "r")
    let circle = TestModel(
      Self.row, [node("If", ["c"], "y", ["then_branch": branch, "else_branch": branch])],
      [Self.truth(1)])
    #expect(circle.refusal().contains("waits for its own output"), "\(circle.refusal())")
  }

  /// `f(a) = flatten(max(a, 0), axis)`, whose axis the call tells or not.
  private static func called(
    _ attributes: [String: ModelFile.Attribute.Value], _ body: [ModelFile.Node]? = nil
  ) -> ModelFile {
    var function = ModelFile.Function()
    (function.name, function.domain) = ("F", "own")
    (function.inputs, function.outputs) = (["a"], ["b", "a"])
    function.attributes = ["axis"]
    function.nodes =
      body ?? [
        node("Relu", ["a"], "r"),
        node("Flatten", ["r"], "b", ["axis": .reference("axis", type: 2)]),
      ]
    var call = node("F", ["x"], "m", attributes)
    (call.domain, call.outputs) = ("own", ["m", "same"])
    var again = call
    (again.inputs, again.outputs) = (["m"], ["y"])
    var model = TestModel([.symbol("N"), .fixed(2), .fixed(3)], [call, again])
    model.graph.outputs.append(ModelFile.Port("same", .tensor(.float32, nil)))
    var file = ModelFile(
      model.graph, operatorSets: [.init(version: 17), .init(domain: "own", version: 1)])
    file.functions = [function]
    return file
  }

  @Test func putsFunctionsInPlaceOfCalls() throws {
    for (attributes, lengths) in [
      ([:], [1, 6]), (["axis": .integer(2)], [6, 1]),
    ] as [([String: ModelFile.Attribute.Value], [Int])] {
      let imported = try ImportedModel(Self.called(attributes))
      #expect(imported.outputs[0].lengths == lengths)
      let outputs = try imported.run(["x": [-1, 2, -3, 4, -5, 6]])
      #expect(outputs["y"] == [0, 2, 0, 4, 0, 6] && outputs["same"] == [-1, 2, -3, 4, -5, 6])
    }
  }

  /// As overloads are: a call would be of either.
  @Test func refusesTwoFunctionsByOneName() {
    var file = Self.called([:])
    file.functions.append(file.functions[0])
    let error = #expect(throws: Problem.self) { try ImportedModel(file) }
    #expect(error?.description.contains("two functions of the model are called F") == true)
  }

  /// Calls in a circle, and calls that double at each of many steps.
  @Test func refusesFunctionsWithoutAnEnd() {
    var again = node("F", ["a"], "b")
    again.domain = "own"
    let circle = #expect(throws: Problem.self) { try ImportedModel(Self.called([:], [again])) }
    #expect(circle?.description.contains("call themselves") == true)
    var file = Self.called([:])
    file.functions = (0..<50).map { level in
      var function = ModelFile.Function()
      (function.name, function.domain) = (level == 0 ? "F" : "F\(level)", "own")
      (function.inputs, function.outputs) = (["a"], ["b"])
      function.nodes = (0..<2).map { place in
        ModelFile.Node(
          "F\(level + 1)", domain: "own", inputs: [place == 0 ? "a" : "c"],
          outputs: [place == 0 ? "c" : "b"])
      }
      return function
    }
    let doubling = #expect(throws: Problem.self) { try ImportedModel(file) }
    #expect(doubling?.description.contains("more than 262144 nodes") == true)
  }
}

import Basics
import Formats
import Graphs
import Interchange
import TestSupport
import Testing

/// Inputs whose elements decide what a model computes.
@Suite struct GivenInputTests {
  /// `y` is `x` under the lengths that `s` has.
  private static func reshape() -> TestModel {
    var model = TestModel([.fixed(2), .fixed(3)], [node("Reshape", ["x", "s"], "y")])
    model.graph.inputs.append(ModelFile.Port("s", .tensor(.int64, [.fixed(2)])))
    return model
  }

  private static func file(_ model: TestModel) -> ModelFile {
    ModelFile(model.graph, operatorSets: [ModelFile.OperatorSet(version: 17)])
  }

  @Test func saysWhatHasToBeGiven() {
    let model = Self.reshape()
    let error = #expect(throws: Problem.self) { try model.imported() }
    #expect(error?.kind == .usage)
    #expect(
      error?.description.contains("elements of s decide") == true
        && error?.description.contains("--input s=FILE.npy") == true, "\(model.refusal())")
  }

  @Test func isTranslatedForWhatIsGiven() throws {
    var asked: [String] = []
    let imported = try ImportedModel(Self.file(Self.reshape())) { (port) throws(Problem) in
      asked.append(port.name)
      return TestModel.list("", [3, 2])
    }
    #expect(asked == ["s"] && imported.inputs.map(\.name) == ["x"])
    #expect(imported.given["s"]?.dimensions == [2])
    #expect(imported.outputs[0].lengths == [3, 2])
    #expect(try imported.run(["x": [1, 2, 3, 4, 5, 6]])["y"] == [1, 2, 3, 4, 5, 6])
  }

  /// Through shape arithmetic, but not through lengths: those are known whatever the elements.
  @Test func findsTheInputBehindArithmetic() throws {
    var model = Self.reshape()
    model.graph.nodes = [
      node("Shape", ["x"], "l"), node("Concat", ["s", "o"], "c", ["axis": .integer(0)]),
      node("Gather", ["l", "z"], "g"), node("Concat", ["c", "g"], "d", ["axis": .integer(0)]),
      node("Reshape", ["x", "d"], "y"),
    ]
    model.graph.initializers = [TestModel.list("o", [1]), TestModel.list("z", [1])]
    let error = #expect(throws: Problem.self) { try model.imported() }
    #expect(error?.description.contains("--input s=FILE.npy") == true, "\(model.refusal())")
    #expect(error?.description.contains("--input x=") == false, "\(model.refusal())")
    let imported = try ImportedModel(Self.file(model)) { (_) throws(Problem) in
      TestModel.list("", [2, 1])
    }
    #expect(imported.outputs[0].lengths == [2, 1, 1, 3])
  }

  /// What no value would help is told as before.
  @Test func refusesWhatStaysWrong() {
    let error = #expect(throws: Problem.self) {
      try ImportedModel(Self.file(Self.reshape())) { (_) throws(Problem) in
        TestModel.list("", [3, 3])
      }
    }
    #expect(error?.description.contains("makes [3, 3] of [2, 3]") == true)
  }

  @Test func readsThemFromFiles() throws {
    let directory = try TemporaryDirectory()
    let (path, shape) = (directory.path("m.onnx"), directory.path("s.npy"))
    try Self.file(Self.reshape()).write(to: path)
    var names = Set<String>()
    for lengths in [[6, 1], [3, 2]] as [[Int64]] {
      try NPYFile.write(lengths, to: shape)
      let model = try ModelOfFile(path: path, inputs: GivenInputs(["x=none.npy", "s=\(shape)"]))
      #expect(model.givenFiles == ["s=\(shape)"] && model.inputNames == ["x", "s"])
      #expect(try model.imported(batch: nil).outputs[0].lengths == lengths.map { Int($0) })
      names.insert(model.name)
    }
    #expect(names.count == 2, "other lengths are another model: \(names)")
    try NPYFile.write([1, 2, 3], to: shape)
    let error = #expect(throws: Problem.self) {
      try ModelOfFile(path: path, inputs: GivenInputs(["s=\(shape)"]))
    }
    #expect(error?.description.contains("whose dimension 0 is not 2") == true)
  }

  /// An empty list has no elements that would have to be given.
  @Test func takesAnEmptyList() throws {
    var model = TestModel([.fixed(1), .fixed(3)], [node("Squeeze", ["x", "a"], "y")])
    model.graph.inputs.append(ModelFile.Port("a", .tensor(.int64, [.fixed(0)])))
    #expect(try model.imported().outputs[0].lengths == [1, 3])
  }
}

import Basics
import Formats
import Graphs
import Interchange
import Testing

/// Models that are not sound, or have what is not supported: a sentence that names it.
@Suite struct RefusalTests {
  private let row: [ModelFile.Length] = [.symbol("N"), .fixed(4)]
  private let image: [ModelFile.Length] = [.symbol("N"), .fixed(2), .fixed(5), .fixed(5)]

  @Test func namesAllUnsupportedOperatorsAtOnce() {
    var model = TestModel(
      row,
      [
        node("Unique", ["x"], "a"), node("Unique", ["a"], "b"), node("Einsum", ["b"], "c"),
        node("Relu", ["c"], "d"), node("Relu", ["d"], "y"), node("Unused", ["x"], "nobody"),
      ])
    model.graph.nodes[3].domain = "com.example"
    #expect(
      model.refusal()
        == "the model has operators that are not supported: Einsum (nc); Unique (na, nb); "
        + "com.example.Relu (nd)")
  }

  @Test func namesAllUnsupportedUsesAtOnce() {
    let model = TestModel(
      image,
      [
        node("Conv", ["x", "w"], "a", ["strides": .integers([0, 1])]),
        node("Relu", ["a"], "b"),
        node("MaxPool", ["x"], "c", ["kernel_shape": .integers([2, 3, 4])]),
        node("Add", ["b", "c"], "y"),
      ], [TestModel.floats("w", [1, 2, 1, 1], [1, 1])])
    let refusal = model.refusal()
    #expect(refusal.contains("Conv (na) has strides [0, 1]"), "\(refusal)")
    #expect(refusal.contains("MaxPool (nc) has a window of [2, 3, 4]"), "\(refusal)")
    #expect(!refusal.contains("nb") && !refusal.contains("Add"), "\(refusal)")
  }

  @Test func refusesGraphsThatAreNotSound() {
    let cases: [([ModelFile.Node], String)] = [
      (
        [node("Add", ["x", "b"], "a"), node("Relu", ["a"], "b"), node("Relu", ["a"], "y")],
        "a cycle"
      ),
      ([node("Add", ["x", "y"], "y")], "waits for its own output"),
      ([node("Relu", ["nothing"], "y")], "nothing gives nothing"),
      ([node("Relu", ["x"], "y"), node("Relu", ["x"], "y")], "two nodes give the value y"),
      ([node("Relu", ["x"], "x"), node("Relu", ["x"], "y")], "given with the model"),
      ([], "nothing gives y"),
      ([node("Relu", [], "y")], "reads 0 values, not 1"),
    ]
    for (nodes, word) in cases {
      let refusal = TestModel(row, nodes, [TestModel.floats("w", [1], [1])]).refusal()
      #expect(refusal.contains(word), "\(refusal)")
    }
    var model = TestModel(row, [node("Relu", ["x"], "y")])
    model.graph.outputs = []
    #expect(model.refusal().contains("no output"))
    model.graph.outputs = [
      ModelFile.Port("y", .other("unknown")), ModelFile.Port("y", .other("unknown")),
    ]
    #expect(model.refusal().contains("one twice"))
  }

  @Test func ordersNodesThatAreNotSorted() throws {
    let nodes = [
      node("Add", ["b", "a"], "y"), node("Relu", ["a"], "b"), node("Identity", ["x"], "a"),
    ]
    let model = TestModel(row, nodes)
    #expect(try model.run([-1, 2, -3, 4]) == [-1, 4, -3, 8])
  }

  @Test func bindsOpenDimensions() throws {
    let relu = [node("Relu", ["x"], "y")]
    let open = TestModel([.symbol("N"), .symbol("seq_len"), .symbol(""), .symbol("h")], relu)
    #expect(
      open.refusal(ModelSizes(batch: 2, sequence: 3, named: ["h": 5]))
        == "the model leaves open dimension 2 of input x; export it with fixed lengths")
    let both = open.refusal(ModelSizes(batch: 2))
    #expect(both.contains("1 of input x (seq_len)") && both.contains("3 of input x (h)"))
    #expect(
      both.hasSuffix("; give that of sequences by --sequence, and fix the others when exporting"))
    let text = TestModel([.symbol("N"), .symbol("sequence")], relu)
    #expect(text.refusal().hasSuffix("; give that of sequences by --sequence"))
    let imported = try text.imported(ModelSizes(batch: 2, sequence: 3))
    #expect(imported.inputs[0].lengths == [2, 3] && imported.batch == 2)
    #expect(imported.graph[imported.graph.inputs[0].value].type.dimensions == [.batch, 3])
    let named = try text.imported(ModelSizes(named: ["N": 7, "sequence": 4]))
    #expect(named.inputs[0].lengths == [7, 4])
  }

  @Test func keepsTheBatchThatAModelFixes() throws {
    let fixed = TestModel([.fixed(3), .fixed(4)], [node("Relu", ["x"], "y")])
    #expect(try fixed.imported().batch == 3)
    #expect(try fixed.imported(ModelSizes(batch: 3)).batch == 3)
    #expect(fixed.refusal(ModelSizes(batch: 2)).contains("fixes the batch at 3"))
    for wrong in [0, -1] {
      let open = TestModel(row, [node("Relu", ["x"], "y")])
      #expect(open.refusal(ModelSizes(batch: wrong)).contains("no items"))
    }
  }

  @Test func refusesWhatItCannotTakeIn() {
    var model = TestModel(row, [node("Relu", ["x"], "y")])
    model.version = 8
    #expect(model.refusal().contains("version 8; export it with version 9"))
    model.version = 9
    for type: ModelFile.ValueType in [
      .tensor(.float16, [.fixed(1)]), .tensor(.float32, nil), .other("map"),
    ] {
      model.graph.inputs = [ModelFile.Port("x", type)]
      #expect(model.refusal().contains("input x is not supported"))
    }
    model.graph.inputs = [ModelFile.Port("x", .tensor(.float32, [.fixed(0)]))]
    #expect(model.refusal().contains("of float32 and dimensions [0]"))
    model.graph.inputs = [ModelFile.Port("x", .tensor(.float32, [.fixed(1), .fixed(1 << 60)]))]
    #expect(model.refusal().contains("which no value can have"))
  }

  /// Nodes over an image `x` with `w`, `b` and a list, and a word of the sentence.
  static let uses: [(node: ModelFile.Node, word: String)] = [
    (node("Conv", ["x"], "y"), "lacks its filters"),
    (node("Conv", ["x", "b"], "y"), "supported are as many"),
    (node("Conv", ["x", "w", "w"], "y"), "has biases of"),
    (node("Conv", ["x", "w"], "y", ["kernel_shape": .integers([9, 9])]), "a window of [9, 9]"),
    (node("Conv", ["x", "w"], "y", ["strides": .integers([0, 1])]), "has strides"),
    (node("Conv", ["x", "w"], "y", ["strides": .integers([1])]), "has strides"),
    (node("Conv", ["x", "w"], "y", ["strides": .float(1)]), "another type than it should"),
    (node("Conv", ["x", "w"], "y", ["group": .integer(3)]), "cannot take"),
    (node("Conv", ["x", "w"], "y", ["group": .integer(.min)]), "cannot take"),
    (node("Conv", ["x", "w"], "y", ["pads": .integers([.max, 0, .max, 0])]), "has pads"),
    (
      node("Conv", ["x", "w"], "y", ["pads": .integers([1 << 30, 1 << 30, 1 << 30, 1 << 30])]),
      "more elements than can be counted"
    ),
    (node("Conv", ["x", "i"], "y"), "has filters of dimensions [2]"),
    (node("MaxPool", ["x"], "y"), "lacks its window"),
    (node("MaxPool", ["x"], "y", ["kernel_shape": .integers([1 << 40, 1])]), "a window of"),
    (node("BatchNormalization", ["x", "b", "b", "b", "w"], "y"), "variances"),
    (
      node("BatchNormalization", ["x", "b", "b", "b", "b"], "y", ["training_mode": .integer(1)]),
      "training mode"
    ),
    (node("Gemm", ["x", "w"], "y"), "supported are two matrices"),
    (node("Add", ["x", "b"], "y"), "combines"),
    (node("Reshape", ["x", "i"], "y"), "makes [25, 3] of [1, 2, 5, 5]"),
    (node("Cast", ["x"], "y", ["to": .integer(10)]), "changes the type"),
  ]

  @Test(arguments: uses)
  func refusesUsesThatAreNotSupported(node: ModelFile.Node, word: String) {
    let model = TestModel(
      image, [node],
      [
        TestModel.floats("w", [2, 2, 1, 1], [1, 2, 3, 4]), TestModel.floats("b", [2], [1, 2]),
        TestModel.list("i", [25, 3]),
      ])
    let refusal = model.refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }
}

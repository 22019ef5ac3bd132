import Formats
import Graphs
import Interchange
import Testing

/// Numbers and names in models that nobody means well with: a sentence, at once, and never a trap, a
/// list as long as a number says, or an input in the place of one that is left out.
@Suite struct HostileNumberTests {
  private static let longest = ModelFile.Length.fixed(1 << 40)
  private static let few: [ModelFile.Length] = [.fixed(1), .fixed(4), .fixed(3)]

  /// Dimensions of `x`, a node that reads it, and words of the sentence.
  static let uses: [(lengths: [ModelFile.Length], node: ModelFile.Node, word: String)] = [
    (
      few, node("CenterCropPad", ["x", "least"], "y", ["axes": .integers([1])]),
      "gives -9223372036854775808 elements"
    ),
    (
      few,
      node(
        "Col2Im", ["x", "image", "block"], "y",
        ["pads": .integers([Int64](repeating: 1 << 31 - 1, count: 4))]),
      "which does not fit"
    ),
    (
      [.fixed(1), .fixed(1 << 26), .fixed(1)],
      node(
        "ReverseSequence", ["x", "one"], "y",
        ["batch_axis": .integer(0), "time_axis": .integer(1)]),
      "reverses sequences"
    ),
    (
      [.fixed(1), longest],
      node("Slice", ["x"], "y", ["starts": .integers([0, 1]), "ends": .integers([1, .max])]),
      "at most 16777216"
    ),
    (
      [.fixed(1), longest], node("Split", ["x"], "y", ["axis": .integer(1)]), "at most 16777216"
    ),
  ]

  @Test(arguments: uses)
  func refusesNumbersBeyondMeasure(
    _ lengths: [ModelFile.Length], _ node: ModelFile.Node, _ word: String
  ) {
    let model = TestModel(
      lengths, [node],
      [
        TestModel.list("least", [.min]), TestModel.list("image", [1, 4]),
        TestModel.list("block", [1, 2]), TestModel.list("one", [1]),
      ])
    let refusal = model.refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }

  /// An axis that is taken whole is no list of its indices.
  @Test func takesLongAxesAsTheyAre() throws {
    let model = TestModel(
      [.fixed(2), Self.longest],
      [node("Slice", ["x"], "y", ["starts": .integers([1]), "ends": .integers([2])])])
    #expect(try model.imported().outputs[0].lengths == [1, 1 << 40])
  }

  /// Constants without elements, whose other lengths are as large as they can be.
  static let empty: [(nodes: [ModelFile.Node], word: String)] = [
    (
      [node("Concat", [String](repeating: "none", count: 1 << 15), "c", ["axis": .integer(0)])],
      "joins more than can be counted"
    ),
    (
      [
        node("Reshape", ["none", "huge"], "h", ["allowzero": .integer(1)]),
        node("Flatten", ["h"], "c", ["axis": .integer(1)]),
      ], "makes [0, 4611686018427387904, 4611686018427387904]"
    ),
    ([node("Gather", ["table", "none"], "c", ["axis": .integer(1)])], "would give a constant"),
  ]

  @Test(arguments: empty)
  func refusesEmptyConstantsOfHugeLengths(_ nodes: [ModelFile.Node], _ word: String) {
    let model = TestModel(
      [.fixed(1)], nodes + [node("Shape", ["c"], "y")],
      [
        ModelFile.Tensor("none", [1 << 48, 0], integers: []),
        TestModel.list("huge", [0, 1 << 62, 1 << 62]),
        TestModel.floats("table", [1 << 20, 3], [Float](repeating: 0, count: 3 << 20)),
      ])
    let refusal = model.refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }

  /// An input without elements is one that is known; its other lengths may be of any number.
  @Test func refusesEmptyBytesOfHugeLengths() {
    for lengths in [[0] + [Int](repeating: 1 << 16, count: 4), [0, -1, 1 << 16]] {
      var model = TestModel(
        [.fixed(1)],
        [
          node("DequantizeLinear", ["q", "scales"], "c", ["axis": .integer(0)]),
          node("Shape", ["c"], "y"),
        ], [ModelFile.Tensor("scales", [0], floats: [])])
      model.graph.inputs.append(
        ModelFile.Port("q", .tensor(.int8, lengths.map { .fixed($0) })))
      #expect(!model.refusal().isEmpty)
    }
  }

  /// Of many parts each is read once, and they stand in order, empty ones among them.
  @Test func joinsAndSplitsManyConstants() throws {
    let count = 1 << 12
    var split = ModelFile.Node("Split", inputs: ["a"], outputs: (0..<count).map { "p\($0)" })
    split.attributes = [ModelFile.Attribute("axis", .integer(1))]
    let parts = split.outputs.reversed().flatMap { [$0, "empty"] }
    let model = TestModel(
      [.fixed(1)],
      [
        split, node("Concat", Array(parts), "c", ["axis": .integer(1)]),
        node("Add", ["c", "x"], "y"),
      ],
      [
        TestModel.floats("a", [2, count], (0..<2 * count).map { Float($0) }),
        TestModel.floats("empty", [2, 0], []),
      ])
    let expected = (0..<2).flatMap { row in
      (0..<count).reversed().map { Double(row * count + $0) }
    }
    #expect(try model.run([0]) == expected)
  }

  /// What is called nothing is not what a node leaves out.
  @Test func leavesOutWhatHasNoName() throws {
    let model = TestModel(
      [.fixed(3)], [node("Clip", ["x", "", "top"], "y")],
      [TestModel.floats("", [], [5]), TestModel.floats("top", [], [6])])
    #expect(try model.run([1, 7, -2]) == [1, 6, -2])
  }

  @Test func refusesTwoInputsByOneName() {
    var model = TestModel([.fixed(3)], [node("Relu", ["x"], "y")])
    model.graph.inputs.append(ModelFile.Port("x", .tensor(.int64, [.fixed(2)])))
    #expect(model.refusal().contains("two inputs are called x"))
  }

  /// Nodes that a file calls by one name, in the order in which they come.
  @Test func namesNodesApart() throws {
    let count = 5000
    let nodes = (0..<count).map { place in
      ModelFile.Node(
        "Relu", name: "same", inputs: [place == 0 ? "x" : "v\(place)"],
        outputs: [place == count - 1 ? "y" : "v\(place + 1)"])
    }
    let graph = try TestModel([.fixed(3)], nodes).imported().graph
    #expect(graph.nodes.count == count && Set(graph.nodes.map(\.name)).count == count)
  }
}

import Formats
import Graphs
import Interchange
import Kernels
import Testing

/// What goes element by element: values that are repeated, constants, other types, activations.
@Suite struct ElementwiseImportTests {
  private let row: [ModelFile.Length] = [.symbol("N"), .fixed(4)]
  private let image: [ModelFile.Length] = [.symbol("N"), .fixed(3), .fixed(2), .fixed(2)]
  private let x = (0..<24).map { Double($0) }
  private let two = ModelSizes(batch: 2)
  /// Nothing, but it lets `i` lie as images do.
  private let pass = node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])])

  /// Nodes that give `y` from `x`, with `half`, `two` and `row`, and what they give of −2, 0, 0.5, 3.
  static let functions: [(nodes: [ModelFile.Node], expected: [Double])] = [
    ([node("Clip", ["x", "", "two"], "y")], [-2, 0, 0.5, 2]),
    ([node("Clip", ["x", "half"], "y")], [0.5, 0.5, 0.5, 3]),
    ([node("Clip", ["x"], "y", ["max": .float(1), "min": .float(-1)])], [-1, 0, 0.5, 1]),
    ([node("Clip", ["x"], "y")], [-2, 0, 0.5, 3]),
    ([node("LeakyRelu", ["x"], "y", ["alpha": .float(0.5)])], [-1, 0, 0.5, 3]),
    ([node("PRelu", ["x", "row"], "y")], [-2, 0, 0.5, 3]),
    ([node("HardSigmoid", ["x"], "y", ["alpha": .float(0.25)])], [0, 0.5, 0.625, 1]),
    ([node("ThresholdedRelu", ["x"], "y")], [0, 0, 0, 3]),
    ([node("Shrink", ["x"], "y", ["bias": .float(0.5)])], [-1.5, 0, 0, 2.5]),
    ([node("Abs", ["x"], "y")], [2, 0, 0.5, 3]), ([node("Neg", ["x"], "y")], [2, 0, -0.5, -3]),
    ([node("Sign", ["x"], "y")], [-1, 0, 1, 1]), ([node("Round", ["x"], "y")], [-2, 0, 0, 3]),
    ([node("Floor", ["x"], "y")], [-2, 0, 0, 3]), ([node("Ceil", ["x"], "y")], [-2, 0, 1, 3]),
    ([node("Pow", ["x", "two"], "y")], [4, 0, 0.25, 9]),
    ([node("Pow", ["two", "x"], "y")], [0.25, 1, 2.0.squareRoot(), 8]),
    ([node("Sub", ["half", "x"], "y")], [2.5, 0.5, 0, -2.5]),
    ([node("Sub", ["x", "half"], "y")], [-2.5, -0.5, 0, 2.5]),
    ([node("Div", ["x", "half"], "y")], [-4, 0, 1, 6]),
    ([node("Mul", ["x", "row"], "y")], [-2, 0, 1.5, 12]),
    ([node("Add", ["row", "x"], "y")], [-1, 2, 3.5, 7]),
    ([node("Mod", ["x", "two"], "y", ["fmod": .integer(1)])], [0, 0, 0.5, 1]),
    ([node("Min", ["x", "row", "two"], "y")], [-2, 0, 0.5, 2]),
    ([node("Max", ["row", "x"], "y")], [1, 2, 3, 4]), ([node("Max", ["x"], "y")], [-2, 0, 0.5, 3]),
    ([node("Sum", ["x", "row", "x"], "y")], [-3, 2, 4, 10]),
    ([node("Mean", ["x", "row"], "y")], [-0.5, 1, 1.75, 3.5]),
    (
      [node("Less", ["x", "half"], "l"), node("Where", ["l", "x", "row"], "y")], [-2, 0, 3, 4]
    ),
    (
      [
        node("GreaterOrEqual", ["x", "half"], "g"), node("LessOrEqual", ["x", "two"], "l"),
        node("And", ["g", "l"], "a"), node("Not", ["a"], "n"), node("Xor", ["n", "g"], "o"),
        node("Cast", ["o"], "y", ["to": .integer(1)]),
      ], [1, 1, 1, 0]
    ),
    (
      [node("Greater", ["x", "half"], "g"), node("Where", ["g", "two", "half"], "y")],
      [0.5, 0.5, 0.5, 2]
    ),
    ([node("Where", ["truths", "x", "half"], "y")], [-2, 0.5, 0.5, 3]),
    (
      [
        node("Cast", ["x"], "c", ["to": .integer(7)]), node("Mod", ["c", "three"], "m"),
        node("CastLike", ["m", "x"], "y"),
      ], [1, 0, 0, 0]
    ),
    (
      [
        node("Cast", ["x"], "c", ["to": .integer(7)]), node("Div", ["c", "whole"], "d"),
        node("Relu", ["d"], "r"), node("Clip", ["r", "", "three"], "k"),
        node("Pow", ["k", "two"], "p"), node("Cast", ["p"], "y", ["to": .integer(1)]),
      ], [4, 0, 0, 0]
    ),
    ([node("Equal", ["x", "half"], "e"), node("CastLike", ["e", "x"], "y")], [0, 0, 1, 0]),
    ([node("IsNaN", ["x"], "e"), node("Cast", ["e"], "y", ["to": .integer(1)])], [0, 0, 0, 0]),
  ]

  private static let tensors = [
    ModelFile.Tensor("half", [], floats: [0.5]), ModelFile.Tensor("two", [], floats: [2]),
    TestModel.floats("row", [4], [1, 2, 3, 4]),
    ModelFile.Tensor("three", [], integers: [3]), TestModel.list("whole", [-1, 5, 5, -5]),
    ModelFile.Tensor("truths", .bool, [1, 4], .bytes([1, 0, 0, 1])),
  ]

  @Test(arguments: functions)
  func computesByTheDefinition(nodes: [ModelFile.Node], expected: [Double]) throws {
    let own = try TestModel(row, nodes, Self.tensors).run([-2, 0, 0.5, 3])
    #expect(own.count == 4)
    for (own, expected) in zip(own, expected) { #expect(abs(own - expected) < 1e-6, "\(own)") }
  }

  /// The definition of numbers that repeat along the dimensions of images in the model's order.
  private func product(_ lengths: [Int], _ values: [Double]) -> [Double] {
    let all = [Int](repeating: 1, count: 4 - lengths.count) + lengths
    return x.indices.map { index in
      let place = [index / 12, index / 4 % 3, index / 2 % 2, index % 2]
      let source = zip(all, place).reduce(0) { $0 * $1.0 + ($1.0 == 1 ? 0 : $1.1) }
      return x[index] * values[source]
    }
  }

  @Test(arguments: [
    [3, 1, 1], [1, 3, 1, 1], [2], [2, 1], [3, 2, 2], [1, 3, 2, 2], [2, 3, 2, 2], [1],
  ])
  func constantsMeetImagesInTheModelsOrder(lengths: [Int]) throws {
    let item = lengths == [2, 3, 2, 2] ? 12 : lengths.reduce(1, *)
    // A constant with the batch's own length has to be the same for every item.
    let values = (0..<lengths.reduce(1, *)).map { Float($0 % item + 2) }
    let model = TestModel(
      image, [pass, node("Mul", ["c", "i"], "y")], [TestModel.floats("c", lengths, values)])
    #expect(try model.run(x, two) == product(lengths, values.map(Double.init)))
    let turns = try model.imported(two).graph.nodes.count { $0.op is Transpose }
    #expect(turns == 1)
  }

  /// What squeeze-and-excitation does, and an image beside what is none.
  @Test func valuesMeetImages() throws {
    let gated = TestModel(
      image,
      [
        pass, node("GlobalAveragePool", ["i"], "g"), node("Mul", ["i", "g"], "y"),
      ])
    let means = stride(from: 1.5, to: 24, by: 4).map { $0 }
    #expect(try gated.run(x, two) == x.indices.map { x[$0] * means[$0 / 4] })
    let mixed = TestModel(
      image,
      [
        pass, node("Flatten", ["i"], "f"), node("Reshape", ["f", "shape"], "r"),
        node("Sub", ["i", "r"], "s"), node("Flatten", ["s"], "a"), node("Add", ["a", "f"], "y"),
      ], [TestModel.list("shape", [2, 3, 2, 2])])
    #expect(try mixed.run(x, two) == x)
    var inner = TestModel(image, [pass, node("Sub", ["i", "v"], "y")])
    inner.graph.inputs.append(
      ModelFile.Port("v", .tensor(.float32, [.fixed(3), .fixed(1), .fixed(2)])))
    inner.graph.inputs[0] = ModelFile.Port(
      "x", .tensor(.float32, [.fixed(2), .fixed(3), .fixed(2), .fixed(2)]))
    let given = try inner.imported().run(["x": x, "v": [1, 2, 3, 4, 5, 6]])["y"]
    #expect(given == x.indices.map { x[$0] - Double($0 / 4 % 3 * 2 + $0 % 2 + 1) })
  }

  /// A gate of the same value, and GELU in the five nodes of PyTorch's exporter.
  @Test func activationsOfSeveralNodesBecomeOne() throws {
    let silu = TestModel(row, [node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"], "y")])
    let gelu = TestModel(
      row,
      [
        node("Div", ["x", "root"], "a"), node("Erf", ["a"], "b"), node("Add", ["b", "one"], "c"),
        node("Mul", ["x", "c"], "d"), node("Mul", ["d", "half"], "y"),
      ],
      [
        ModelFile.Tensor("root", [], floats: [1.4142135]),
        ModelFile.Tensor("one", [], floats: [1]), ModelFile.Tensor("half", [], floats: [0.5]),
      ])
    let cases: [(TestModel, PointwiseFunction)] = [(silu, .swish(scale: 1)), (gelu, .gelu)]
    for (model, function) in cases {
      let graph = try model.imported().graph
      #expect(graph.nodes.count == 1 && (graph.nodes[0].op as? Pointwise)?.function == function)
      let own = try model.run([-1, 0, 0.5, 2])
      for (own, x) in zip(own, [-1, 0, 0.5, 2]) {
        #expect(abs(own - function.value(at: x)) < 1e-6)
      }
    }
    let known = TestModel(
      row, [node("Gelu", ["x"], "y", ["approximate": .text(Array("tanh".utf8))])])
    #expect(
      try known.imported().graph.nodes.map { ($0.op as? Pointwise)?.function } == [.geluByTanh])
  }

  /// Nodes over rows `x`, and a word of the sentence.
  static let refusals: [(node: ModelFile.Node, word: String)] = [
    (node("Sigmoid", ["x", "x"], "y"), "reads 2 values, not 1"),
    (node("Mul", ["x"], "y"), "reads 1 values, not 2"),
    (node("Mul", ["x", "wide"], "y"), "combines"),
    (node("And", ["x", "x"], "y"), "have no and"),
    (node("Mod", ["x", "x"], "y"), "have no floorModulo"),
    (node("Where", ["x", "x", "x"], "y"), "no condition"),
    (node("Gelu", ["x"], "y", ["approximate": .text(Array("sin".utf8))]), "approximates by sin"),
    (node("Clip", ["x", "wide"], "y"), "has bounds of"),
    (node("Cast", ["x"], "y", ["to": .integer(10)]), "changes the type"),
    (node("Elu", ["x"], "y", ["alpha": .integer(1)]), "another type than it should"),
    (node("Add", ["x", "none"], "y"), "which cannot be"),
  ]

  @Test(arguments: refusals)
  func refusesWhatCannotBe(node: ModelFile.Node, word: String) {
    let model = TestModel(
      row, [node],
      [
        TestModel.floats("wide", [3], [1, 2, 3]), TestModel.floats("none", [0], []),
      ])
    let refusal = model.refusal(two)
    #expect(refusal.contains(word), "\(refusal)")
  }
}

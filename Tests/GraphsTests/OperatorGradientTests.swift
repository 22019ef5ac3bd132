import Basics
import Graphs
import Kernels
import Tensors
import TestSupport
import Testing

/// Operators of Inception v3 and the games' towers together: gradients beside differences, folding,
/// orders, and what they refuse.
@Suite struct OperatorGradientTests {
  /// A column's window, a norm of its own ε, a padded mean, a tangent, and all of it flattened.
  private struct Sample {
    var graph: Graph
    var inputs: [String: ReferenceTensor] = [:]

    init() throws {
      var (builder, random) = (GraphBuilder(), SeededRandom(seed: 11))
      var inputs: [String: ReferenceTensor] = [:]
      func draw(_ shape: Shape) -> ReferenceTensor {
        ReferenceTensor(shape) { _ in Double(random.next() % 1000) / 500 - 1 }
      }
      func parameter(_ name: String, _ shape: Shape, _ role: Parameter.Role) -> Graph.Value {
        inputs[name] = draw(shape)
        return builder.parameter(Parameter(name: name, shape: shape.dimensions, role: role))
      }
      let images = builder.input("images", TensorType(.f32, [.batch, 4, 5, 2]))
      inputs["images"] = draw([2, 4, 5, 2])
      inputs["labels"] = ReferenceTensor([2], [0, 7])
      let column = Convolution(filters: 3, window: PerAxis(3, 1), paddings: PerAxis(1, 0))
      let sums = try builder.append(
        "column", column, [images, parameter("column.weight", [3, 2, 3, 1], .filters)])[0]
      let statistics: [(String, Parameter.Role)] = [
        ("scale", .normScale), ("shift", .normShift), ("mean", .runningMean),
        ("variance", .runningVariance),
      ]
      let norm = try builder.append(
        "norm", BatchNormalization(epsilon: 0.05),
        [sums] + statistics.map { parameter("norm.\($0)", [3], $1) })[0]
      let mean = try builder.append(
        "mean", AveragePooling(window: 3, stride: 2, padding: 1), [norm])[0]
      let bounded = try builder.append("tanh", Tanh(), [mean])[0]
      builder.output("logits", try builder.append("flat", Flattening(), [bounded])[0])
      (graph, self.inputs) = (try builder.graph(), inputs)
    }
  }

  @Test func differentiatesAsDifferencesSay() throws {
    let sample = try Sample()
    let forward = try sample.graph.preparedForTraining(seed: 1).withCrossEntropy()
    let derivatives = try checkedDerivatives(of: forward, at: sample.inputs, most: 18)
    #expect(derivatives.count == 18 + 3 + 3)
    for derivative in derivatives {
      #expect(abs(derivative.given - derivative.difference) < 1e-7, "\(derivative)")
    }
  }

  /// Operators whose gradient nothing computes, and words of the sentence that says so.
  static let withoutGradient: [(op: any Operator, word: String)] = [
    (Pointwise(.sigmoid), "sigmoid has no gradient"),
    (Pairwise(.divide, constant: 2), "divide has no gradient"),
    (AxisSelection([nil, [0, 0], nil, nil]), "taken twice"),
    (Softmax(axis: 3), "op has no gradient"),
    (scoring, "has no gradient"),
  ]

  /// Attention that gives its scores.
  private static var scoring: HeadAttention {
    var op = HeadAttention()
    op.stage = .shares
    return op
  }

  @Test(arguments: 0..<withoutGradient.count)
  func saysWhatHasNoGradient(index: Int) throws {
    let (op, word) = Self.withoutGradient[index]
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    let filters = builder.parameter(
      Parameter(name: "w", shape: [2, 2, 1, 1], role: .filters))
    let sums = try builder.append("conv", Convolution(filters: 2, window: 1), [images, filters])[0]
    let inputs = [Graph.Value](repeating: sums, count: op is HeadAttention ? 3 : 1)
    let value = try builder.append("op", op, inputs)[0]
    builder.output("logits", try builder.append("flat", Flattening(), [value])[0])
    let forward = try builder.graph().withCrossEntropy()
    let error = #expect(throws: Problem.self) { try forward.differentiated() }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }

  @Test func foldingKeepsTheNormsEpsilon() throws {
    var sample = try Sample()
    sample.inputs["norm.variance"] = ReferenceTensor([3], [0.01, 0.02, 0.5])
    let folded = try sample.graph.foldingNorms()
    #expect(folded.nodes.count == sample.graph.nodes.count - 1)
    let (before, after) = (
      try #require(try sample.graph.evaluate(sample.inputs)["logits"]),
      try #require(try folded.evaluate(sample.inputs)["logits"])
    )
    for (own, expected) in zip(after.values, before.values) { #expect(abs(own - expected) < 1e-12) }
  }

  @Test func flattensInTheReferencesOrder() throws {
    let image = ReferenceTensor([1, 2, 2, 3]) { Double($0) }
    #expect(Flattening().reference([image])[0].values == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
  }

  @Test func refuseWhatTheyCannotTake() throws {
    let rows = TensorType(.f32, [.batch, 8])
    #expect(throws: (any Error).self) { try Flattening().outputs([rows]) }
    #expect(throws: (any Error).self) {
      try AveragePooling(window: 3, stride: 1).outputs([rows])
    }
    let image = TensorType(.f32, [.batch, 2, 2, 1])
    #expect(throws: (any Error).self) {
      try AveragePooling(window: 3, stride: 1).outputs([image])
    }
    let wide = TensorType(.f32, [.batch, 32, 32, 1])
    let largest = MaxPool.largestWindow
    #expect(throws: Never.self) { try MaxPooling(window: largest, stride: 1).outputs([wide]) }
    let error = #expect(throws: Problem.self) {
      try MaxPooling(window: largest + 1, stride: 1).outputs([wide])
    }
    #expect(error?.description.contains("do not fit a byte") == true)
    #expect(throws: (any Error).self) { try Tanh().outputs([TensorType(.i32, [.batch])]) }
  }
}

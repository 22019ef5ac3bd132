import Basics
import Foundation
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Each operator between a convolution and a linear layer: its gradient, its kernel and its gradient's
/// kernel.
@Suite struct OperatorTests {
  /// A new operator has its line here; one that reads several values also says below which.
  static let operators: [any Operator] = [
    ReLU(), Tanh(), Flattening(), MaxPooling(window: 2, stride: 2),
    AveragePooling(window: 3, stride: 2, padding: 1), AdaptiveAveragePooling(side: 3),
    RandomDropout(probability: 0.5, stream: 3), Addition(), Concatenation(),
    BatchNormalization(epsilon: 0.05), Transpose([0, 3, 1, 2]), Reshape([.batch, 9, 4, 6]),
    ImagePadding(ImageBorder(top: 1, left: 0, bottom: 0, right: 2)),
    LayerNormalization(axis: 3, epsilon: 0.05), Pointwise(.gelu), Pointwise(.geluByTanh),
    Pairwise(.add), Pairwise(.multiply, constant: 0.5), AxisSelection([nil, [4, 0, 2], nil, nil]),
    IndexedReading(
      IndexedAccess(
        .slices(axis: 1), fixed: IndexedAccess.Fixed(values: [5, 2, -1, 2], lengths: [4]))),
    HeadAttention(), causalAttention,
  ]

  /// Attention in which keys behind a query are hidden.
  private static var causalAttention: HeadAttention {
    var op = HeadAttention()
    op.rule.isCausal = true
    return op
  }

  /// What the operator gives, and logits that follow from it.
  private static func append(
    _ op: any Operator, to builder: inout GraphBuilder, _ images: Graph.Value
  ) throws(Problem) -> (value: Graph.Value, logits: Graph.Value) {
    let sums = try builder.convolution("conv", images, filters: 6, window: 3, hasBias: true)
    // Nothing is fused or folded across a pool, so the operator keeps a unit of its own.
    let apart = try builder.averagePool("apart", sums, window: 1, stride: 1)
    var value: Graph.Value
    switch op {
    case is Addition, is Concatenation:
      value = try builder.append("op", op, [apart, builder.tanh("other", apart)])[0]
    case is HeadAttention:
      value = try builder.append("op", op, [apart, builder.tanh("other", apart), apart])[0]
    case let norm as LayerNormalization:
      value = try builder.layerNorm("op", apart, epsilon: norm.epsilon)
    case let sum as Pairwise where sum.constant == nil:
      // The same for each row of pixels.
      let rows = builder.parameter(Parameter(name: "rows", shape: [6, 6], role: .filters))
      value = try builder.append("op", op, [apart, rows])[0]
    case let norm as BatchNormalization:
      value = try builder.batchNorm("op", apart, epsilon: norm.epsilon)
    default:
      value = try builder.append("op", op, [apart])[0]
    }
    let given = value
    // Means, or else the logits would be so far apart that no derivative was left.
    if builder[value].type.dimensions.count == 4 {
      value = try builder.averagePool("parts", value, side: 2)
    }
    return (given, try builder.linear("fc", value, outputs: 3))
  }

  private func network(_ op: any Operator) -> Network {
    Network(name: "one", classes: 3, channels: 4, minimumInputSize: 8, usualInputSize: 8) {
      (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      [Graph.Port("logits", try Self.append(op, to: &builder, images).logits)]
    }
  }

  /// The forward pass of a training step, as its gradients are checked.
  private func forward(_ network: Network) throws -> Graph {
    try network.graph(inputSize: 8).preparedForTraining(seed: 1).withCrossEntropy()
  }

  @Test(arguments: operators)
  func differentiatesAsDifferencesSay(op: any Operator) throws {
    let network = network(op)
    let forward = try forward(network)
    let inputs = try ProgramTests.StepInputs(
      network, batch: 2, parameters: ProgramTests().tensors(forward))
    let derivatives = try checkedDerivatives(of: forward, at: inputs.tensors)
    let trained = network.parameters.filter(\.isTrainable).map(\.name)
    #expect(Set(derivatives.map(\.parameter)) == Set(trained))
    #expect(derivatives.contains { $0.parameter == "conv.weight" && $0.difference != 0 })
    for derivative in derivatives { #expect(derivative.isRight, "\(derivative)") }
  }

  @Test(arguments: operators, [1 << 40, 4000])
  func computesWhatItsReferenceDoes(op: any Operator, cache: Int) throws {
    let graph = try ProgramTests().graph { builder, images in
      let made = try Self.append(op, to: &builder, images)
      builder.output("op", made.value)
      builder.output("logits", made.logits)
    }
    try ProgramTests().compare(graph, batch: 4, cache: cache)
  }

  @Test(arguments: operators)
  func trainsAsItsReferenceDoes(op: any Operator) throws {
    try ProgramTests().compareStep(network(op))
  }

  /// Every operator runs in the checks above or in those of another file, and every gradient is
  /// compared with differences.
  @Test func leavesNoOperatorOut() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = folder.deletingLastPathComponent().deletingLastPathComponent()
    let operators = try sources(root.appendingPathComponent("Sources/Graphs/Operators"))
    func names(_ texts: [String]) -> Set<String> {
      Set(texts.flatMap { $0.matches(of: /struct (\w+): \w*Operator/).map { String($0.1) } })
    }
    let differentiable = names(operators.filter { $0.contains("func gradient(") })
    // Inference leaves it out, and training draws a mask in its place.
    var (run, compared): (Set<String>, Set<String>) = (["RandomDropout"], [])
    for op in Self.operators {
      let network = network(op)
      for graph in [network.inferenceGraph(inputSize: 8), network.trainingGraph(inputSize: 8)] {
        run.formUnion(graph.nodes.map { "\(type(of: $0.op))" })
      }
      compared.formUnion(try forward(network).nodes.map { "\(type(of: $0.op))" })
    }
    compared.formUnion(LossTests.losses.map { "\(type(of: $0))" })
    run.formUnion(SequenceTrainingTests.operators)
    compared.formUnion(SequenceTrainingTests.differentiated)
    // What has no place in a small network of images is tried by a test that makes it.
    let tests = try sources(folder)
    let untried = names(operators).subtracting(run).filter { name in
      !tests.contains { $0.contains("\(name)(") }
    }
    #expect(untried == [])
    #expect(differentiable.subtracting(compared) == [])
    #expect(differentiable.count > 8)
  }

  private func sources(_ folder: URL) throws -> [String] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }
  }

  /// Each operand is moved once, and a unit belongs to the part of the step that its operator names.
  @Test func unitsSayWhatTheyMoveAndWhatTheyBelongTo() throws {
    let network = network(MaxPooling(window: 2, stride: 2))
    let step = try TrainingStep(
      network, state: try TrainingState(network, weights: ProgramTests.Weights()), batch: 3,
      inputSize: 8, pool: ThreadPool(threads: 1)
    ) { _, _, _ in .reference }
    func units(_ name: String) -> [Program.Unit] {
      step.program.units.filter { $0.name == name }
    }
    // Images of 6 x 6 x 6, means of 3 x 3 x 6, and a byte of position for each of these.
    let moved = 3 * (4 * 216 + 5 * 54)
    #expect(units("op").map(\.leastBytes) == [moved, moved])
    #expect(units("op").map(\.phase) == [.other, .other])
    #expect(units("op").map(\.kernelName) == ["pool.f32", nil])
    #expect(
      units("fc").map(\.phase) == [.forward, .backwardWeights, .backwardWeights, .backwardData])
    #expect(
      units("fc").map(\.leastBytes) == [
        4 * (72 + 72 + 9), 4 * (9 + 3), 4 * (72 + 9 + 72), 4 * (9 + 72 + 72),
      ])
  }
}

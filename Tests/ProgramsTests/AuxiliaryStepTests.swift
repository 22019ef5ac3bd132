import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Training steps with an auxiliary head: Inception's own behind a single layer, and all of a narrow one.
@Suite struct AuxiliaryStepTests {
  private static let classes = 5

  private static func trunk(
    _ builder: inout GraphBuilder, _ images: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let sums = try builder.convolution(
      "trunk", images, filters: 6, window: 3, paddings: 1, hasBias: true)
    return try builder.relu("open", sums)
  }

  private static func logits(
    _ builder: inout GraphBuilder, _ trunk: Graph.Value
  ) throws(Problem) -> Graph.Port {
    let mean = try builder.averagePool("mean", trunk)
    return Graph.Port("logits", try builder.linear("fc", mean, outputs: classes))
  }

  /// 17 pixels, as the head has before it in Inception, and a sixteenth of its filters.
  private static let network = Network(
    name: "two", classes: classes, channels: 2, minimumInputSize: 17, usualInputSize: 17,
    auxiliary: AuxiliaryHead(
      output: "aux_logits", prefix: "AuxLogits.", lossWeight: 0.4, minimumInputSize: 17
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      let trunk = try AuxiliaryStepTests.trunk(&builder, images)
      let auxiliary = try InceptionV3.appendAuxiliary(
        trunk, to: &builder, classes: AuxiliaryStepTests.classes, narrowing: 16)
      let logits = try AuxiliaryStepTests.logits(&builder, trunk)
      return [logits, Graph.Port("aux_logits", auxiliary)]
    }
  ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
    let trunk = try AuxiliaryStepTests.trunk(&builder, images)
    return [try AuxiliaryStepTests.logits(&builder, trunk)]
  }

  /// What the network's losses read: noise with a tint for each of four images.
  private func inputs(_ graph: Graph) throws -> [String: ReferenceTensor] {
    var inputs = try ProgramTests().tensors(graph, SeededWeights(for: Self.network, seed: 2))
    var random = SeededRandom(seed: 5)
    let tints = [0.4, -0.7, 0.1, 0.9]
    inputs["images"] = ReferenceTensor([4, 17, 17, 2]) {
      tints[$0 / 578] + Double.random(in: -1...1, using: &random)
    }
    inputs["labels"] = ReferenceTensor([4], [0, 3, 1, 4])
    return inputs
  }

  private func forward(_ weight: Double) throws -> Graph {
    try Self.network.trainedGraph(inputSize: 17).preparedForTraining(seed: 1)
      .withCrossEntropy(auxiliary: ["aux_logits": weight])
  }

  @Test func differentiatesAsDifferencesSay() throws {
    let forward = try forward(0.4)
    let derivatives = try checkedDerivatives(of: forward, at: inputs(forward), most: 5)
    let trained = Self.network.trainingParameters.filter(\.isTrainable).map(\.name)
    #expect(trained.count == 4 + 6 + 2)
    #expect(Set(derivatives.map(\.parameter)) == Set(trained))
    for derivative in derivatives {
      #expect(abs(derivative.given - derivative.difference) < 1e-5, "\(derivative)")
    }
    // Some of them are not 0 in the head, whose batch-norm sees four numbers.
    let filters = derivatives.filter { $0.parameter == "AuxLogits.conv1.conv.weight" }
    let top = filters.map { abs($0.given) }.max() ?? 0
    #expect(top > 1e-4)
  }

  /// Both learn the same labels; the weight is in the loss and in its derivatives.
  @Test func addsItsLossByItsWeight() throws {
    let (whole, part) = (try forward(1), try forward(0.4))
    #expect(part.inputs.map(\.name) == ["images", "labels"])
    #expect(part.outputs.map(\.name) == ["loss.logits", "loss.aux_logits"])
    let (all, own) = (
      try whole.differentiated().evaluate(inputs(whole)),
      try part.differentiated().evaluate(inputs(part))
    )
    func value(_ name: String, of values: [String: ReferenceTensor]) throws -> Double {
      try #require(values[name]).values[0]
    }
    let loss = try value("loss.aux_logits", of: all)
    #expect(loss > 0.1)
    #expect(try abs(value("loss.aux_logits", of: own) - 0.4 * loss) < 1e-12)
    #expect(try value("loss.logits", of: own) == value("loss.logits", of: all))
    let name = "gradient/AuxLogits.fc.bias"
    #expect(try abs(value(name, of: own) - 0.4 * value(name, of: all)) < 1e-12)
    #expect(try value("gradient/fc.bias", of: own) == value("gradient/fc.bias", of: all))
    let step = Self.network.trainingGraph(inputSize: 17)
    #expect(step.nodes.compactMap { ($0.op as? CrossEntropy)?.weight } == [1, 0.4])
    let shard = Self.network.trainingGraph(inputSize: 17, shards: 3)
    #expect(shard.nodes.compactMap { ($0.op as? CrossEntropy)?.shards } == [3, 3])
  }

  /// Losses and all changes, those of running statistics too, beside the operators' references.
  @Test func aStepIsThatOfTheReferences() throws {
    try ProgramTests().compareStep(Self.network, batch: 4)
  }

  /// The weight multiplies a shard's loss and its gradients, and nothing else does.
  @Test func theKernelWeighsTheLossAsItIs() {
    let logits: [Float] = [0.5, -1, 2, 0, 0.25, -0.5]
    let labels: [Int32] = [2, 0]
    func loss(_ weight: Double) -> (loss: Double, gradient: [Float]) {
      var gradient = [Float](repeating: .nan, count: 6)
      let loss = gradient.withUnsafeMutableBufferPointer { buffer in
        SoftmaxLoss.compute(
          images: 2, classes: 3, logits: logits, labels: labels, gradient: buffer.baseAddress,
          shards: 2, weight: weight)
      }
      return (loss, gradient)
    }
    let (whole, part) = (loss(1), loss(0.25))
    // A quarter of a binary fraction rounds as the whole does.
    #expect(part.loss == 0.25 * whole.loss && whole.loss > 0)
    #expect(part.gradient == whole.gradient.map { 0.25 * $0 })
  }

  @Test func trainsANarrowInceptionWithItsHead() throws {
    let network = InceptionV3.network(classes: 10, narrowing: 16)
    let pool = ThreadPool(threads: 2)
    let check = try SelfCheck.training(network, engine: "", pool: pool) { shape, _ in
      shape.isPlain ? .direct : .reference
    }
    #expect(check.passed, "\(check)")
    // The head learns, and hands its derivative down; the state has all that the step reads.
    let graph = network.trainingGraph(inputSize: 299)
    let own = graph.nodes.filter { $0.name.hasPrefix("AuxLogits") }
    #expect(own.contains { $0.op is FilterGradient } && own.contains { $0.op is ImageGradient })
    let parameters = network.trainingParameters.reduce(0) { $0 + $1.count }
    #expect(parameters == graph.parameters.reduce(0) { $0 + $1.count })
  }
}

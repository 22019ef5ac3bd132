import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Training steps of small networks for sequences: gradients beside differences, steps beside the
/// references of all their operators, memory and work.
@Suite struct SequenceTrainingTests {
  /// Two layers of each family, few floats wide.
  static let networks: [Network] = [
    BERT(
      name: "bert", layers: 2, width: 8, heads: 2, inner: 12, vocabulary: 11, positions: 6
    ).network,
    GPT2(name: "gpt", layers: 2, width: 8, heads: 2, vocabulary: 11, positions: 6).network,
    Transformer(
      name: "transformer", layers: 2, width: 8, heads: 2, inner: 12, vocabulary: 11
    ).network,
    Seq2Seq(name: "seq2seq", layers: 2, width: 5, source: 9, target: 11).network,
    Seq2Seq(name: "wide", layers: 1, width: 19, source: 9, target: 11).network,
  ]

  /// What their forward passes consist of in training, whose gradients are compared with differences.
  static var differentiated: Set<String> {
    Set(
      networks.flatMap { network in
        let graph = try? network.lossGraph(inputSize: 5)?.preparedForTraining(seed: 1)
        return (graph?.nodes ?? []).map { "\(type(of: $0.op))" }
      })
  }

  /// What their steps consist of.
  static var operators: Set<String> {
    Set(
      networks.flatMap { network in
        network.trainingGraph(inputSize: 5).nodes.map { "\(type(of: $0.op))" }
      })
  }

  private static func step(
    _ network: Network, batch: Int = 2, tokens: Int, _ optimizer: Optimizer? = nil,
    threads: Int = 2
  ) throws -> SequenceStep {
    let step = try SequenceStep(
      network, weights: SeededWeights(for: network, seed: 3), batch: batch, tokens: tokens,
      optimizer: optimizer, pool: ThreadPool(threads: threads)
    ) { _, _, _ in .direct }
    step.fill(seed: 3)
    return step
  }

  /// Parameters and inputs of a step, as the references read them.
  private static func tensors(_ step: SequenceStep) throws -> [String: ReferenceTensor] {
    var tensors: [String: ReferenceTensor] = [:]
    for parameter in step.state.parameters {
      let values = try step.state.values(parameter).map(Double.init)
      tensors[parameter.name] = ReferenceTensor(try #require(Shape(parameter.shape)), values)
    }
    for name in step.inputNames {
      let input = try #require(step.input(name))
      tensors[name] = ReferenceTensor(
        try #require(Shape(input.lengths)), input.numbers.map(Double.init))
    }
    var numbers = [Float](repeating: 0, count: Optimizer.numberCount)
    step.optimizer.write(step: step.stepCount + 1, into: &numbers)
    tensors["optimizer"] = ReferenceTensor([numbers.count], numbers.map(Double.init))
    return tensors
  }

  /// A table of places is read from the first row on, or as a whole.
  @Test(arguments: networks, [5, 6])
  func differentiatesAsDifferencesSay(network: Network, tokens: Int) throws {
    let forward = try #require(network.lossGraph(inputSize: tokens))
      .preparedForTraining(seed: 1)
    let inputs = try Self.tensors(Self.step(network, tokens: tokens))
    let derivatives = try checkedDerivatives(of: forward, at: inputs, most: 2)
    let trained = network.parameters.filter(\.isTrainable).map(\.name)
    #expect(Set(derivatives.map(\.parameter)) == Set(trained))
    for derivative in derivatives { #expect(derivative.isRight, "\(derivative)") }
  }

  @Test(arguments: networks, [1, 2])
  func computesWhatItsReferencesDo(network: Network, threads: Int) throws {
    for tokens in [1, 5, 6] {
      let result = try GradientCheck.run(
        network, engine: "direct", batch: 3, tokens: tokens, seed: 4,
        pool: ThreadPool(threads: threads)
      ) { _, _ in .direct }
      #expect(result.passed && result.error > 0, "\(tokens): \(result)")
    }
  }

  @Test func computesLSTMsOverBytesAsTheirReferencesDo() throws {
    for (tokens, threads) in [(1, 1), (7, 2)] {
      let result = try GradientCheck.run(
        ByteLSTM(name: "lstm", layers: 2, width: 5).network, engine: "direct", batch: 3,
        tokens: tokens, seed: 4, pool: ThreadPool(threads: threads)
      ) { _, _ in .direct }
      #expect(result.passed && result.error > 0, "\(tokens): \(result)")
    }
  }

  /// A large ε keeps Adam from making whole steps of what rounding leaves where a gradient is 0.
  static let optimizers: [Optimizer] = [
    Optimizer(.sgd, learningRate: 0.1, weightDecay: 0.1, clip: 0.5),
    Optimizer(.adam, learningRate: 0.01, epsilon: 0.01, weightDecay: 0.1),
    Optimizer(.adamw, learningRate: 0.01, epsilon: 0.01, weightDecay: 0.1, clip: 1),
    Optimizer(.lamb, learningRate: 0.01, epsilon: 0.01, weightDecay: 0.1),
  ]

  @Test(arguments: networks, optimizers)
  func updatesAsItsReferencesDo(network: Network, optimizer: Optimizer) throws {
    let step = try Self.step(network, tokens: 5, optimizer)
    let inputs = try Self.tensors(step)
    let expected = try step.program.graph.evaluate(inputs)
    let loss = step.run()
    let sum = try step.program.graph.outputs.reduce(0) {
      $0 + (try #require(expected[$1.name]).values[0])
    }
    #expect(abs(loss - sum) < 1e-5 * sum)
    func largest(_ values: [Float]) -> Float { values.reduce(0) { max($0, abs($1)) } }
    let top = step.state.parameters.map { largest(step.state.gradient($0)) }.max() ?? 0
    for parameter in step.state.parameters {
      // Of a gradient that is 0 but for rounding LAMB makes a step as long as any.
      guard largest(step.state.gradient(parameter)) > 1e-6 * top else { continue }
      let (old, new) = (
        try #require(inputs[parameter.name]).values, try #require(expected[parameter.name]).values
      )
      let change = zip(new, old).map { Float($0 - $1) }
      let own = zip(try step.state.values(parameter), old).map { Float(Double($0) - $1) }
      // Differences of numbers near 1 have few digits left.
      #expect(
        relativeError(own, change) < 1e-3 + 1e-7 / Double(max(largest(change), 1e-9)),
        "\(parameter.name) \(optimizer.kind)")
    }
  }

  @Test(arguments: networks)
  func learnsItsSequences(network: Network) throws {
    let step = try Self.step(network, tokens: 6, Optimizer(.adamw, learningRate: 0.02))
    let first = step.run()
    for _ in 0..<150 { step.run() }
    #expect(step.loss < 0.8 * first, "\(first) \(step.loss)")
    #expect(step.stepCount == 151)
  }

  @Test(arguments: networks)
  func countsThreeTimesTheForwardWork(network: Network) throws {
    let step = try Self.step(network, batch: 3, tokens: 6)
    let forward = try #require(network.lossGraph(inputSize: 6)).macs(batch: 3).flops.count
    #expect(forward > 0 && step.program.directFLOPs.count == 3 * forward)
  }

  /// Derivatives by a matrix that parts read, or that is a table too, are summed where they belong.
  @Test(arguments: networks)
  func sumsDerivativesInTheirPlace(network: Network) throws {
    let graph = network.trainingGraph(inputSize: 5)
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(
      graph, shapes, batch: 2, threads: 1, caches: CacheSizes(l1: 1, l2: 1, l3: 1))
    let plan = MemoryPlan(graph, shapes, groups: groups)
    var count = 0
    for node in graph.nodes where node.op is FilterGradient || node.op is IndexedReadingGradient {
      guard graph[node.outputs[0]].type.dimensions.first != .batch else { continue }
      guard case .gradient = plan[node.outputs[0]].block else {
        Issue.record("\(node.name) lies elsewhere")
        continue
      }
      count += 1
    }
    #expect(count > 5)
    let additions = graph.nodes.filter { node in
      node.op is Addition && graph[node.outputs[0]].type.dimensions.count == 2
        && graph[node.outputs[0]].type.dimensions.first != .batch
    }
    #expect(additions.isEmpty, "no sum of matrices is a pass of its own")
  }

  /// Twice the tokens take about twice the memory: nothing is as large as queries times keys.
  @Test func keepsNoScores() throws {
    let network = GPT2(
      name: "gpt", layers: 2, width: 16, heads: 8, vocabulary: 20, positions: 512
    ).network
    let (short, long) = (
      try Self.step(network, batch: 1, tokens: 256).program.activationBytes,
      try Self.step(network, batch: 1, tokens: 512).program.activationBytes
    )
    #expect(Double(long) < 2.3 * Double(short), "\(short) \(long)")
  }

  @Test(arguments: networks)
  func isEstimatedBeforeItIsAllocated(network: Network) throws {
    let step = try Self.step(network, batch: 2, tokens: 6)
    let estimate = MemoryEstimate.sequenceTraining(network, batch: 2, tokens: 6, threads: 2)
    let state = 16 * network.parameterCount
    #expect(estimate.bytes > step.program.activationBytes + state)
    let many = MemoryEstimate.sequenceTraining(network, batch: 1 << 20, tokens: 6, threads: 2)
    #expect(many.bytes > 1 << 32)
  }

  /// One of each family at its usual length: gradients of all parameters exist.
  @Test(arguments: ["bert-base", "gpt2", "transformer-base", "seq2seq"])
  func trainsAllParameters(name: String) throws {
    let network = try Network.named(name)
    let graph = try #require(network.gradientGraph(inputSize: network.usualInputSize))
    let gradients = graph.outputs.filter { $0.name.hasPrefix("gradient/") }
    #expect(gradients.count == network.parameters.count)
    let losses = graph.outputs.filter { !$0.name.hasPrefix("gradient/") }.map(\.name)
    #expect(
      losses == (name == "bert-base" ? ["loss.prediction", "loss.relationship"] : ["loss"]))
    let inputs = network.stepInputs(inputSize: 128)
    switch name {
    case "bert-base":
      #expect(inputs.first { $0.name == "masked_positions" }?.lengths == [20])
      #expect(inputs.first { $0.name == "masked_labels" }?.numbers == .below(30_522))
      #expect(inputs.first { $0.name == "masked_positions" }?.numbers == .places(128))
      #expect(inputs.first { $0.name == "attention_mask" }?.numbers == .constant(1))
      #expect(inputs.first { $0.name == "next_sentence_labels" }?.numbers == .below(2))
      #expect(BERT.toldTokens(of: 512) == 77)
    default:
      #expect(inputs.first { $0.name == "labels" }?.numbers == .below(network.classes))
    }
  }

  @Test func refusesWhatDoesNotLearn() throws {
    let network = Network(name: "plain", tokens: 1...4, usualTokens: 2, vocabulary: 3) {
      (graph: inout GraphBuilder, tokens: Int) throws(Problem) in
      let numbers = graph.input("tokens", TensorType(.i64, [.batch, .fixed(tokens)]))
      let table = graph.table("table", rows: 3, width: 3)
      return [Graph.Port("logits", try graph.embedding("rows", numbers, of: table))]
    }
    #expect(network.lossGraph(inputSize: 2) == nil && network.stepInputs(inputSize: 2).isEmpty)
    let error = #expect(throws: Problem.self) { try network.refuseTraining() }
    #expect(error?.description.contains("no gradient is computed") == true)
    let labels = #expect(throws: Problem.self) {
      try Network.named("gpt2").refuseLabels()
    }
    #expect(labels?.description.contains("learns from sequences") == true)
  }
}

import Graphs
import Kernels
import Tensors
import TestSupport
import Testing

/// Passes change the nodes of a graph and not what it computes.
@Suite struct PassTests {
  /// A small residual network with everything that passes look for, and its inputs.
  struct Sample {
    var graph: Graph
    var inputs: [String: ReferenceTensor]

    /// One output, or a second beside the first; two more convolutions that share their filters;
    /// a concatenation that reads one of its three inputs twice.
    init(heads: Int = 1, sharesFilters: Bool = false, joins: Bool = false) throws {
      var (builder, random) = (GraphBuilder(), SeededRandom(seed: 7))
      var inputs: [String: ReferenceTensor] = [:]
      func parameter(_ name: String, _ shape: [Int], _ role: Parameter.Role, area: Int = 1)
        -> Graph.Value
      {
        guard let lengths = Shape(shape) else { preconditionFailure("\(shape)") }
        inputs[name] = ReferenceTensor(lengths) { _ in
          let value = Double(random.next() % 1000) / 500 - 1
          return role == .runningVariance || role == .normScale ? 1.5 + value / 2 : value
        }
        return builder.parameter(Parameter(name: name, shape: shape, role: role, area: area))
      }
      func conv(
        _ name: String, _ input: Graph.Value, _ channels: Int, filters: String? = nil,
        window: PerAxis = 3, strides: PerAxis = 1, paddings: PerAxis = 1, groups: Int = 1
      ) throws -> Graph.Value {
        let shape = [4, channels / groups, window.vertical, window.horizontal]
        let weight = parameter("\(filters ?? name).weight", shape, .filters, area: 9)
        let op = Convolution(
          filters: 4, window: window, strides: strides, paddings: paddings, groups: groups)
        return try builder.append(name, op, [input, weight])[0]
      }
      func norm(_ name: String, _ input: Graph.Value) throws -> Graph.Value {
        let roles: [Parameter.Role] = [.normScale, .normShift, .runningMean, .runningVariance]
        let tensors = roles.map { parameter("\(name).\($0)", [4], $0) }
        return try builder.append(name, BatchNormalization(), [input] + tensors)[0]
      }
      let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 2]))
      inputs["images"] = ReferenceTensor([2, 6, 6, 2]) { _ in Double(random.next() % 100) / 50 - 1 }
      var value = try norm("bn1", conv("conv1", images, 2, strides: PerAxis(1, 2)))
      value = try builder.append("relu1", ReLU(), [value])[0]
      let branch = try norm("bn2", conv("conv2", value, 4, groups: 2))
      value = try builder.append("add", Addition(), [branch, value])[0]
      value = try builder.append("relu2", ReLU(), [value])[0]
      if sharesFilters {
        value = try conv("conv3", value, 4, filters: "tied")
        value = try conv("conv4", value, 4, filters: "tied")
      }
      if joins {
        let parts = [value, try conv("part", value, 4), value]
        value = try conv("joined", builder.append("join", Concatenation(), parts)[0], 12)
      }
      value = try builder.append("pool", MaxPooling(window: 2, stride: 2), [value])[0]
      value = try builder.append("average", AdaptiveAveragePooling(side: 1), [value])[0]
      value = try builder.append("drop", RandomDropout(probability: 0.5, stream: 3), [value])[0]
      for head in 0..<heads {
        let weight = parameter("fc\(head).weight", [3, 4], .filters)
        let bias = parameter("fc\(head).bias", [3], .bias)
        let logits = try builder.append(
          "fc\(head)", Convolution.linear(outputs: 3), [value, weight, bias])
        builder.output("logits\(head)", logits[0])
      }
      (graph, self.inputs) = (try builder.graph(), inputs)
    }

    func trained() throws -> Graph {
      try graph.preparedForTraining(seed: 1).fusingEpilogues(isTrained: true).withCrossEntropy()
    }

    /// Inputs of a training graph.
    func training(_ graph: Graph) -> [String: ReferenceTensor] {
      var inputs = inputs
      for port in graph.inputs where port.name.hasPrefix("labels") {
        inputs[port.name] = ReferenceTensor([2], [0, 2])
      }
      inputs["step"] = ReferenceTensor([2], [0, 0])
      inputs["optimizer"] = ReferenceTensor([3], [0.5, 0.9, 0.1])
      return inputs
    }
  }

  private func close(_ a: ReferenceTensor?, _ b: ReferenceTensor?) -> Bool {
    guard let a, let b, a.shape == b.shape else { return false }
    return zip(a.values, b.values).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($1)) }
  }

  @Test func inferencePassesKeepTheAnswer() throws {
    let sample = try Sample(heads: 2)
    let before = try sample.graph.evaluate(sample.inputs)
    let bridged = try sample.graph.withoutDropout()
    let folded = try bridged.foldingNorms()
    let fused = try folded.fusingEpilogues()
    #expect([sample.graph, bridged, folded, fused].map(\.nodes.count) == [12, 11, 9, 6])
    for graph in [bridged, folded, fused] {
      let after = try graph.evaluate(sample.inputs)
      for head in ["logits0", "logits1"] { #expect(close(after[head], before[head])) }
    }
    let last = try #require(fused.nodes.first { $0.name == "conv2" }?.op as? Convolution)
    #expect(last.foldsNorm && last.epilogue == Epilogue(addsResidual: true, activation: .relu))
  }

  @Test func doesNotFuseWhatIsWantedElsewhere() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    let weight = builder.parameter(
      Parameter(name: "w", shape: [2, 2, 1, 1], role: .filters))
    let sums = try builder.append("conv", Convolution(filters: 2, window: 1), [images, weight])[0]
    builder.output("twice", try builder.append("twice", Addition(), [sums, sums])[0])
    builder.output("sums", sums)
    builder.output("relu", try builder.append("relu", ReLU(), [sums])[0])
    let fused = try builder.graph().foldingNorms().fusingEpilogues()
    #expect(fused.nodes.map(\.name) == ["conv", "twice", "relu"])
    #expect((fused.nodes[0].op as? Convolution)?.epilogue == Epilogue())
  }

  @Test func fusesTrainingWithoutFolding() throws {
    let fused = try Sample().trained()
    let norms = fused.nodes.compactMap { $0.op as? TrainedBatchNormalization }
    #expect(
      norms.map(\.epilogue) == [
        Epilogue(activation: .relu), Epilogue(addsResidual: true, activation: .relu),
      ])
    #expect(fused.updates.count == 4)
    #expect(fused.inputs.map(\.name) == ["images", "step", "labels"])
  }

  /// Each derivative against the difference of two losses, parameters shared, heads and parts joined.
  @Test(arguments: [(1, false, false), (2, false, false), (1, true, false), (1, false, true)])
  func differentiatesAsDifferencesSay(heads: Int, sharesFilters: Bool, joins: Bool) throws {
    let sample = try Sample(heads: heads, sharesFilters: sharesFilters, joins: joins)
    let forward = try sample.trained()
    let derivatives = try checkedDerivatives(of: forward, at: sample.training(forward))
    let trained = forward.parameters.filter(\.isTrainable)
    #expect(Set(derivatives.map(\.parameter)) == Set(trained.map(\.name)))
    for derivative in derivatives { #expect(derivative.isRight, "\(derivative)") }
  }

  @Test func branchesMeetInAnAdditionThatTheConvolutionTakes() throws {
    let sample = try Sample()
    let backward = try sample.trained().differentiated()
    let fused = try backward.fusingAccumulation()
    #expect(backward.nodes.count { $0.op is Addition } == 1)
    #expect(fused.nodes.count { $0.op is Addition } == 0)
    #expect(fused.nodes.compactMap { $0.op as? ImageGradient }.filter(\.accumulates).count == 1)
    let inputs = sample.training(backward)
    let (before, after) = (try backward.evaluate(inputs), try fused.evaluate(inputs))
    #expect(Set(before.keys) == Set(after.keys))
    for (name, tensor) in before { #expect(close(after[name], tensor), "\(name)") }
  }

  @Test func computesNoDerivativeByTheImages() throws {
    let backward = try Sample().trained().differentiated()
    #expect(!backward.nodes.contains { $0.name == "conv1" && $0.op is ImageGradient })
    #expect(backward.nodes.contains { $0.name == "conv1" && $0.op is FilterGradient })
  }

  @Test func updatesEveryParameterThatIsTrained() throws {
    let sample = try Sample()
    let backward = try sample.trained().differentiated()
    let whole = try backward.withMomentumDescent()
    #expect(whole.outputs.map(\.name) == ["loss"])
    #expect(whole.updates.count == sample.graph.parameters.count)
    let inputs = sample.training(backward)
    let (gradients, updated) = (try backward.evaluate(inputs), try whole.evaluate(inputs))
    let (weight, gradient) = (
      try #require(inputs["fc0.weight"]), try #require(gradients["gradient/fc0.weight"])
    )
    let expected = ReferenceTensor(weight.shape) {
      weight.values[$0] - 0.5 * (gradient.values[$0] + 0.1 * weight.values[$0])
    }
    #expect(close(updated["fc0.weight"], expected))
  }
}

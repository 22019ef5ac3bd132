import Basics
import Graphs
import Kernels
import Tensors
import TestSupport
import Testing

/// Functions of one number that convolutions take in, and those that stay nodes of their own.
@Suite struct ActivationFusionTests {
  /// A filter a channel, a convolution to whose result what it read is added, and logits; the same
  /// function behind each of the first two.
  private func graph(_ op: any Operator) throws -> Graph {
    var builder = GraphBuilder()
    var value = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    let filters = builder.parameter(
      Parameter(name: "filters", shape: [2, 1, 3, 3], role: .filters, area: 9))
    let depthwise = Convolution(filters: 2, window: 3, paddings: 1, groups: 2)
    value = try builder.append("depthwise", depthwise, [value, filters])[0]
    value = try builder.append("act1", op, [value])[0]
    let sums = try convolution("conv", value, &builder)
    value = try builder.append("add", Addition(), [sums, value])[0]
    value = try builder.append("act2", op, [value])[0]
    let weight = builder.parameter(Parameter(name: "weight", shape: [3, 32], role: .filters))
    let linear = Convolution.linear(outputs: 3, hasBias: false)
    builder.output("logits", try builder.append("fc", linear, [value, weight])[0])
    return try builder.graph()
  }

  private func convolution(
    _ name: String, _ input: Graph.Value, _ builder: inout GraphBuilder
  ) throws -> Graph.Value {
    let weight = builder.parameter(
      Parameter(name: "\(name).weight", shape: [2, 2, 1, 1], role: .filters))
    return try builder.append(name, Convolution(filters: 2, window: 1), [input, weight])[0]
  }

  private func epilogues(_ graph: Graph) -> [Epilogue] {
    graph.nodes.compactMap { ($0.op as? any EpilogueOperator)?.epilogue }
  }

  @Test(arguments: [
    PointwiseFunction.clip(least: 0, most: 6), .swish(scale: 1), .hardSwish, .sigmoid, .gelu,
  ])
  func convolutionsTakeItIn(function: PointwiseFunction) throws {
    let written = try graph(Pointwise(function))
    let fused = try written.fusingEpilogues()
    #expect(fused.nodes.map(\.name) == ["depthwise", "conv", "fc"])
    #expect(
      epilogues(fused) == [
        Epilogue(activation: function), Epilogue(addsResidual: true, activation: function),
        Epilogue(),
      ])
    #expect(fused.nodes[1].op.outputBound == function.bound)
    var random = SeededRandom(seed: 5)
    func tensor(_ shape: Shape) -> ReferenceTensor {
      ReferenceTensor(shape, random.floats(shape.count, in: -3...3).map(Double.init))
    }
    let inputs = [
      "images": tensor([2, 4, 4, 2]), "filters": tensor([2, 1, 3, 3]),
      "conv.weight": tensor([2, 2, 1, 1]), "weight": tensor([3, 32]),
    ]
    let (own, expected) = (
      try #require(try fused.evaluate(inputs)["logits"]),
      try #require(try written.evaluate(inputs)["logits"])
    )
    #expect(own.values == expected.values && own.values.count == 6)
  }

  @Test func whatIsWantedElsewhereStays() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    func output(_ name: String, _ op: any Operator, _ inputs: Graph.Value...) throws {
      builder.output(name, try builder.append(name, op, inputs)[0])
    }
    let twice = try convolution("twice", images, &builder)
    try output("first", Pointwise(.sigmoid), twice)
    try output("second", Pointwise(.swish(scale: 1)), twice)
    let kept = try convolution("kept", images, &builder)
    builder.output("kept", kept)
    try output("third", Pointwise(.sigmoid), kept)
    let tested = try convolution("tested", images, &builder)
    try output("truths", Pointwise(.isNaN), tested)
    let roles: [Parameter.Role] = [.normScale, .normShift, .runningMean, .runningVariance]
    let norm = roles.map { builder.parameter(Parameter(name: "\($0)", shape: [2], role: $0)) }
    let normal = try builder.append("norm", BatchNormalization(), [images] + norm)[0]
    try output("fourth", Pointwise(.sigmoid), normal)
    let graph = try builder.graph()
    let fused = try graph.foldingNorms().fusingEpilogues()
    #expect(fused.nodes.map(\.name) == graph.nodes.map(\.name))
    #expect(epilogues(fused) == [Epilogue](repeating: Epilogue(), count: 4))
  }

  /// An activation is the end: neither a second one nor an addition follows it in the same node.
  @Test func nothingFollowsAnActivation() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    let clip = Pointwise(.clip(least: -1, most: 1))
    var value = try convolution("conv1", images, &builder)
    value = try builder.append("relu", ReLU(), [value])[0]
    value = try builder.append("clip", clip, [value])[0]
    value = try convolution("conv2", value, &builder)
    value = try builder.append("bounds", clip, [value])[0]
    builder.output("sum", try builder.append("sum", Addition(), [value, images])[0])
    let fused = try builder.graph().fusingEpilogues()
    #expect(fused.nodes.map(\.name) == ["conv1", "clip", "conv2", "sum"])
    #expect(
      epilogues(fused) == [Epilogue(activation: .relu), Epilogue(activation: clip.function)])
  }

  @Test func trainingFusesReLUAlone() throws {
    let swish = try graph(Pointwise(.swish(scale: 1)))
    let trained = try swish.preparedForTraining(seed: 1).fusingEpilogues(isTrained: true)
    #expect(trained.nodes.map(\.name) == ["depthwise", "act1", "conv", "act2", "fc"])
    #expect(epilogues(trained) == [Epilogue(), Epilogue(addsResidual: true), Epilogue()])
    let rectified = try graph(ReLU()).fusingEpilogues(isTrained: true)
    #expect(rectified.nodes.map(\.name) == ["depthwise", "conv", "fc"])
    let loss = try swish.fusingEpilogues().withCrossEntropy()
    #expect(throws: Problem.self) { try loss.differentiated() }
  }
}

import Basics
import Graphs
import Kernels
import Tensors
import TestSupport
import Testing

/// Which values become bfloat16, and what the layers on them compute by their references.
@Suite struct BFloat16GraphTests {
  /// Names of the operators of a graph, in order.
  private func kinds(_ graph: Graph) -> [String] { graph.nodes.map { "\(type(of: $0.op))" } }

  /// A layer of `filters` filters, its parameters under its name.
  private func layer(
    _ name: String, _ op: Convolution, _ input: Graph.Value, channels: Int,
    _ builder: inout GraphBuilder
  ) throws -> Graph.Value {
    let area = op.window.vertical * op.window.horizontal
    let weight = Parameter(
      name: "\(name).weight",
      shape: [op.filters, channels / op.groups, op.window.vertical, op.window.horizontal],
      role: .filters, area: area)
    return try builder.append(name, op, [input, builder.parameter(weight)])[0]
  }

  /// Two layers with a pool between them, a residual, a mean and a linear layer.
  private func network() throws -> Graph {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 8, 8, 3]))
    let three = Convolution(filters: 4, window: 3, paddings: 1)
    var value = try layer("stem", three, images, channels: 3, &builder)
    value = try builder.append("relu", ReLU(), [value])[0]
    value = try builder.append("pool", MaxPooling(window: 2, stride: 2), [value])[0]
    let short = value
    value = try layer("conv", three, value, channels: 4, &builder)
    value = try builder.append("add", Addition(), [value, short])[0]
    value = try builder.append("mean", AdaptiveAveragePooling(side: 1), [value])[0]
    let weight = builder.parameter(
      Parameter(name: "fc.weight", shape: [5, 4], role: .filters))
    let linear = Convolution.linear(outputs: 5, hasBias: false)
    builder.output("logits", try builder.append("fc", linear, [value, weight])[0])
    return try builder.graph().fusingEpilogues()
  }

  @Test func whatStandsBetweenLayersIsRoundedOnce() throws {
    let graph = try network().castingToBFloat16()
    #expect(
      kinds(graph) == [
        "ElementCast", "BFloat16Convolution", "MaxPooling", "BFloat16Convolution",
        "AdaptiveAveragePooling", "BFloat16Convolution",
      ])
    let counts = graph.bfloat16LayerCounts
    #expect(counts.onBFloat16 == 3 && counts.all == 3)
    let elements = graph.nodes.map { graph[$0.outputs[0]].type.element }
    #expect(elements == [.bf16, .bf16, .bf16, .bf16, .bf16, .f32])
    #expect(graph.inputs.map(\.name) == ["images"] && graph.outputs.map(\.name) == ["logits"])
    #expect(graph[graph.inputs[0].value].type.element == .f32)
    // The residual is the pool's bfloat16, added by the layer behind it.
    let sum = try #require(graph.nodes[3].op as? BFloat16Convolution)
    #expect(sum.layer.epilogue.addsResidual)
    #expect(graph.nodes[3].inputs[2] == graph.nodes[2].outputs[0])
    // What is cast already has nothing to be cast.
    #expect(kinds(try graph.castingToBFloat16()) == kinds(graph))
  }

  /// A layer with one filter a channel, and a function of floats, stay float32; layers before them give
  /// that at once, and what several layers read is cast once.
  @Test func theOthersStayFloats() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 4]))
    let one = Convolution(filters: 4, window: 1)
    let first = try layer("first", one, images, channels: 4, &builder)
    let each = Convolution(filters: 4, window: 3, paddings: 1, groups: 4)
    let depthwise = try layer("depthwise", each, first, channels: 4, &builder)
    let left = try layer("left", one, depthwise, channels: 4, &builder)
    let right = try layer("right", one, depthwise, channels: 4, &builder)
    let softmax = try builder.append("softmax", Softmax(axis: 3), [left])[0]
    builder.output("softmax", softmax)
    builder.output("right", right)
    let graph = try builder.graph().fusingEpilogues().castingToBFloat16()
    #expect(
      kinds(graph) == [
        "ElementCast", "BFloat16Convolution", "Convolution", "ElementCast",
        "BFloat16Convolution", "BFloat16Convolution", "Softmax",
      ])
    let counts = graph.bfloat16LayerCounts
    #expect(counts.onBFloat16 == 3 && counts.all == 4)
    let elements = graph.nodes.map { graph[$0.outputs[0]].type.element }
    #expect(elements == [.bf16, .f32, .f32, .bf16, .f32, .f32, .f32])
  }

  /// A value that layers and others read is kept as bfloat16 and widened for the others.
  @Test func othersReadWhatIsWidened() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 4]))
    let one = Convolution(filters: 4, window: 1)
    let first = try layer("first", one, images, channels: 4, &builder)
    builder.output("next", try layer("next", one, first, channels: 4, &builder))
    builder.output("tanh", try builder.append("tanh", Tanh(), [first])[0])
    let graph = try builder.graph().castingToBFloat16()
    let read = try #require(graph.nodes.first { $0.op is Tanh }).inputs[0]
    #expect(graph[read].type == TensorType(.f32, [.batch, 6, 6, 4]))
    #expect(graph.nodes.count { $0.op is ElementCast } == 2)
  }

  /// What the references of a cast graph give is what those of floats do, but for roundings.
  @Test func roundingsAreAllThatChanges() throws {
    let graph = try network()
    var random = SeededRandom(seed: 3)
    var given: [String: ReferenceTensor] = [:]
    given["images"] = ReferenceTensor([1, 8, 8, 3]) { _ in Double(random.next() % 4096) / 1024 }
    for parameter in graph.parameters {
      let shape = try #require(Shape(parameter.shape))
      given[parameter.name] = ReferenceTensor(shape) { _ in
        Double(random.next() % 4096) / 1024 - 2
      }
    }
    func logits(_ graph: Graph) throws -> [Float] {
      let outputs = try graph.evaluate(on: ThreadPool(threads: 1), keepsTypes: true) {
        (name: String, _: Parameter?) throws(Problem) -> ReferenceTensor? in given[name]
      }
      return (outputs["logits"]?.values ?? []).map { Float($0) }
    }
    let (float, rounded) = (try logits(graph), try logits(graph.castingToBFloat16()))
    let error = relativeError(rounded, float)
    #expect(float.count == 5 && error > 1e-5 && error < 0.05, "\(error)")
  }

  /// Of two layers of one name the second has filters that are computed: it and both of its
  /// derivatives stay float32, while those of the others are on bfloat16 as they are.
  @Test func derivativesAreWhatTheirLayersAre() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 4]))
    let one = Convolution(filters: 4, window: 1)
    let own = try layer("same", one, images, channels: 4, &builder)
    let weight = builder.parameter(Parameter(name: "w", shape: [4, 4, 1, 1], role: .filters))
    let filters = try builder.append("relu", ReLU(), [weight])[0]
    let other = try builder.append("same", one, [own, filters])[0]
    let mean = try builder.append("mean", AdaptiveAveragePooling(side: 1), [other])[0]
    let last = builder.parameter(Parameter(name: "fc.weight", shape: [5, 4], role: .filters))
    let linear = Convolution.linear(outputs: 5, hasBias: false)
    builder.output("logits", try builder.append("fc", linear, [mean, last])[0])
    let step = try builder.graph().preparedForTraining(seed: 1).withCrossEntropy()
      .differentiated()
    let graph = try step.castingStepToBFloat16()
    func count(_ kind: String) -> Int { kinds(graph).count { $0 == kind } }
    #expect(count("BFloat16Convolution") == 2 && count("Convolution") == 1)
    #expect(count("BFloat16FilterGradient") == 2 && count("FilterGradient") == 1)
    #expect(count("BFloat16ImageGradient") == 1 && count("ImageGradient") == 1)
    let float = try #require(graph.nodes.first { $0.op is FilterGradient })
    #expect(float.inputs.allSatisfy { graph[$0].type.element == .f32 })
    #expect(graph.outputs.map(\.name) == step.outputs.map(\.name))
  }

  @Test func refusesWhatIsNoBFloat16() throws {
    let layer = BFloat16Convolution(Convolution(filters: 4, window: 1), output: .bf16)
    let image = TensorType(.bf16, [.batch, 3, 3, 2])
    let weight = TensorType(.f32, [4, 2, 1, 1])
    #expect(try layer.outputs([image, weight]) == [TensorType(.bf16, [.batch, 3, 3, 4])])
    #expect(throws: Problem.self) { try layer.outputs([image.floats, weight]) }
    #expect(throws: Problem.self) { try layer.outputs([image]) }
    #expect(throws: Problem.self) { try layer.outputs([]) }
    #expect(throws: Problem.self) { try ElementCast(to: .bf16).outputs([TensorType(.i64, [3])]) }
    #expect(throws: Problem.self) { try ElementCast(to: .i64).outputs([image]) }
    #expect(
      try ElementCast(to: .f32).outputs([image]) == [TensorType(.f32, [.batch, 3, 3, 2])])
  }
}

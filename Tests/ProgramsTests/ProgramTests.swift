import Basics
import Formats
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Programs against the plain references of their own graphs, where no network of ours goes.
@Suite struct ProgramTests {
  /// Hash-made weights, and what the references need to know of them.
  struct Weights: WeightSource {
    func read(
      _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
    ) throws(Problem) {
      let fill = HashFill(name: parameter.name, seed: 1)
      for index in values.indices {
        let unit = Float(fill.unit(index))
        values[index] = parameter.role == .runningVariance ? 0.5 + unit : 2 * unit - 1
      }
    }
  }

  func tensors(
    _ graph: Graph, _ weights: any WeightSource = Weights()
  ) throws -> [String: ReferenceTensor] {
    var tensors: [String: ReferenceTensor] = [:]
    for parameter in graph.parameters {
      let values = try weights.values(parameter).map(Double.init)
      tensors[parameter.name] = ReferenceTensor(try #require(Shape(parameter.shape)), values)
    }
    return tensors
  }

  /// Runs a graph both ways and compares all outputs.
  @discardableResult
  func compare(
    _ written: Graph, weights: any WeightSource = Weights(), batch: Int = 3,
    cache: Int = 1 << 40, bound: Double = 1e-5,
    choose: (ConvShape) -> ConvAlgorithm = { ConvPlan.native($0, allowsWinograd: false) }
  ) throws -> Program {
    let graph = try written.withoutDropout().foldingNorms().fusingEpilogues()
    let program = try Program(
      graph, parameters: .frozen(weights), batch: batch, pool: ThreadPool(threads: 2),
      caches: CacheSizes(l1: 1, l2: 1, l3: cache)
    ) { _, shape, _ in choose(shape) }
    let shape = program.imageShape
    let images = AlignedBuffer(count: shape.count)
    SeededImages.fill(0..<batch, seed: 3, channels: shape.C, size: shape.H, into: images.elements)
    var inputs = try tensors(graph, weights)
    inputs["images"] = ReferenceTensor(shape, images.elements.map(Double.init))
    let expected = try written.evaluate(inputs)
    for _ in 0..<2 {
      program.run(images.pointer)
      for (index, port) in graph.outputs.enumerated() {
        let tensor = try #require(expected[port.name])
        let own = UnsafeBufferPointer(
          start: program.output(index).assumingMemoryBound(to: Float.self),
          count: tensor.values.count)
        #expect(relativeError(Array(own), tensor.values.map(Float.init)) < bound, "\(port.name)")
      }
    }
    return program
  }

  /// The first output of a program for seeded images, and what the references give for `y`.
  ///
  /// With `keepsTypes` the references store each value in its type.
  func seeded(
    _ graph: Graph, threads: Int, keepsTypes: Bool = false
  ) throws -> (found: [Double], expected: [Double]) {
    let program = try Program(
      graph, parameters: .frozen(Weights()), batch: 3, pool: ThreadPool(threads: threads),
      caches: CacheSizes(l1: 1, l2: 1, l3: 4096)
    ) { _, shape, _ in ConvPlan.native(shape) }
    let shape = program.imageShape
    let memory = AlignedBuffer(count: shape.count)
    var random = SeededRandom(seed: 6)
    let values = random.floats(shape.count, in: -20...20)
    for index in values.indices { memory.pointer[index] = values[index] }
    program.bind(0, to: memory.bytes)
    withExtendedLifetime(memory) { program.run() }
    let given = try tensors(graph)
    let expected = try graph.evaluate(on: ThreadPool(threads: 1), keepsTypes: keepsTypes) {
      (name: String, _: Parameter?) throws(Problem) -> ReferenceTensor? in
      name == "images" ? ReferenceTensor(shape) { Double(values[$0]) } : given[name]
    }
    return (program.numbers(0).map(Double.init), try #require(expected["y"]).values)
  }

  func graph(
    _ build: (inout GraphBuilder, Graph.Value) throws -> Void
  ) throws -> Graph {
    var builder = GraphBuilder()
    try build(&builder, builder.input("images", TensorType(.f32, [.batch, 8, 8, 4])))
    return try builder.graph()
  }

  @Test(arguments: [1 << 40, 4000])
  func givesEachOfTwoHeads(cache: Int) throws {
    let two = try graph { builder, images in
      let trunk = try builder.relu(
        "relu", builder.batchNorm("bn", builder.convolution("conv", images, filters: 8, window: 3)))
      builder.output("wide", try builder.linear("wide", trunk, outputs: 7))
      builder.output(
        "deep", try builder.linear("deep", builder.averagePool("p", trunk), outputs: 2))
      builder.output("trunk", trunk)
    }
    try compare(two, batch: 4, cache: cache)
  }

  @Test func convolvesInGroupsAndPerAxis() throws {
    try compare(
      graph { builder, images in
        let grouped = try builder.convolution(
          "grouped", images, filters: 6, window: PerAxis(3, 5), strides: PerAxis(2, 1),
          paddings: PerAxis(1, 0), groups: 2, hasBias: true)
        builder.output("y", try builder.relu("relu", grouped))
        let weight = builder.parameter(
          Parameter(name: "d", shape: [2, 4, 3, 3], role: .filters, area: 9))
        let dilated = Convolution(filters: 2, window: 3, paddings: 1, dilations: PerAxis(2, 3))
        builder.output("z", try builder.append("dilated", dilated, [images, weight])[0])
      })
  }

  @Test func readsAValueTwiceAndAddsItToItself() throws {
    try compare(
      graph { builder, images in
        let sums = try builder.convolution("conv", images, filters: 4, window: 1)
        let twice = try builder.add("twice", sums, sums)
        builder.output("y", try builder.add("more", builder.relu("relu", twice), sums))
      })
  }

  @Test func sharesParametersBetweenNodes() throws {
    let tied = try graph { builder, images in
      var value = images
      for name in ["first", "second"] {
        let weight = builder.parameter(
          Parameter(name: "tied", shape: [4, 4, 3, 3], role: .filters, area: 9))
        let op = Convolution(filters: 4, window: 3, paddings: 1)
        value = try builder.append(name, op, [value, weight])[0]
      }
      builder.output("y", value)
    }
    #expect(tied.parameters.map(\.name) == ["tied"])
    try compare(tied)
  }

  /// Two heads, tied filters, a dilated convolution in groups, a trunk that three nodes read, an
  /// addition without ReLU and a concatenation: updated weights against the references of the same
  /// graph.
  @Test func trainsWhatNoNetworkOfOursHas() throws {
    let network = Network(
      name: "odd", classes: 5, channels: 2, minimumInputSize: 8, usualInputSize: 8
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = try builder.convolution(
        "conv1", images, filters: 4, window: 3, paddings: 1, hasBias: true)
      value = try builder.relu("relu1", value)
      let halves = builder.parameter(
        Parameter(name: "halves.weight", shape: [4, 2, 3, 3], role: .filters, area: 9))
      let grouped = Convolution(
        filters: 4, window: 3, paddings: PerAxis(2, 1), dilations: PerAxis(2, 1), groups: 2)
      value = try builder.append("halves", grouped, [value, halves])[0]
      let weight = builder.parameter(
        Parameter(name: "tied.weight", shape: [4, 4, 3, 3], role: .filters, area: 9))
      let op = Convolution(filters: 4, window: 3, paddings: 1)
      let left = try builder.append("left", op, [value, weight])[0]
      let right = try builder.relu("relu2", builder.append("right", op, [value, weight])[0])
      value = try builder.add("sum", builder.add("inner", left, right), value)
      let pooled = try builder.maxPool("pool", value, window: 2, stride: 2)
      let narrow = try builder.convolution("narrow", pooled, filters: 3, window: 1)
      let joined = try builder.append("joined", Concatenation(), [pooled, narrow, pooled])
      let norm = try builder.batchNorm("bn", joined[0])
      return [
        Graph.Port("a", try builder.linear("a", norm, outputs: 5)),
        Graph.Port("b", try builder.linear("b", value, outputs: 3)),
      ]
    }
    try compareStep(network)
  }
}

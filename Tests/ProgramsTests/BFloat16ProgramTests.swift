import Basics
import Graphs
import Harness
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing
import Workloads

/// Programs on bfloat16 beside the references of their graphs, which round where these do.
@Suite struct BFloat16ProgramTests {
  /// What is tried on images of 6 x 6 x 5 in bfloat16.
  struct Sample: Sendable, CustomTestStringConvertible {
    var op: any Operator
    /// What it reads behind the images.
    var parameters: [Parameter] = []
    /// Whether it reads the images once more behind all else.
    var readsTwice = false
    /// Whether sums and functions of floats are rounded: then numbers near the middle of two go to
    /// either.
    var isExact = true

    var testDescription: String { "\(op)" }
  }

  private static func filters(_ shape: [Int], area: Int = 1) -> Parameter {
    Parameter(name: "filters", shape: shape, role: .filters, area: area)
  }

  private static let norm: [Parameter] = [
    Parameter(name: "scale", shape: [7], role: .normScale),
    Parameter(name: "shift", shape: [7], role: .normShift),
    Parameter(name: "mean", shape: [7], role: .runningMean),
    Parameter(name: "variance", shape: [7], role: .runningVariance),
  ]

  /// A layer with a norm folded into it and an activation behind it.
  private static func normed(_ activation: PointwiseFunction) -> Convolution {
    var layer = Convolution(filters: 7, window: 3, strides: 2, paddings: 1, hasBias: true)
    layer.normEpsilon = 0.01
    layer.epilogue = Epilogue(activation: activation)
    return layer
  }

  private static var adding: Convolution {
    var layer = Convolution(filters: 5, window: 3, paddings: 1)
    layer.epilogue = Epilogue(addsResidual: true, activation: .relu)
    return layer
  }

  static let samples: [Sample] = [
    Sample(op: ElementCast(to: .f32)), Sample(op: ReLU()),
    Sample(op: Addition(), readsTwice: true), Sample(op: Concatenation(), readsTwice: true),
    Sample(op: Reshape([.batch, 9, 4, 5])),
    Sample(op: MaxPooling(window: 3, stride: 2, padding: 1)),
    Sample(op: AveragePooling(window: 3, stride: 2, padding: 1), isExact: false),
    Sample(op: AdaptiveAveragePooling(side: 4), isExact: false),
    Sample(
      op: BFloat16Convolution(normed(.relu), output: .bf16),
      parameters: [
        filters([7, 5, 3, 3], area: 9), Parameter(name: "bias", shape: [7], role: .bias),
      ] + norm, isExact: false),
    Sample(
      op: BFloat16Convolution(normed(.gelu), output: .f32),
      parameters: [
        filters([7, 5, 3, 3], area: 9), Parameter(name: "bias", shape: [7], role: .bias),
      ] + norm, isExact: false),
    Sample(
      op: BFloat16Convolution(adding, output: .bf16),
      parameters: [filters([5, 5, 3, 3], area: 9)], readsTwice: true, isExact: false),
    Sample(
      op: BFloat16Convolution(.linear(outputs: 4), output: .f32),
      parameters: [filters([4, 180], area: 36), Parameter(name: "bias", shape: [4], role: .bias)],
      isExact: false),
    Sample(
      op: BFloat16Convolution(.rows(outputs: 3, hasBias: false), output: .bf16),
      parameters: [filters([3, 5])], isExact: false),
  ]

  @Test(arguments: samples, [1, 2])
  func isItsReferenceButForRoundings(_ sample: Sample, threads: Int) throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 5]))
    let cast = try builder.append("cast", ElementCast(to: .bf16), [images])[0]
    let parameters = sample.parameters.map { builder.parameter($0) }
    let inputs = [cast] + parameters + (sample.readsTwice ? [cast] : [])
    let made = try builder.append("op", sample.op, inputs)[0]
    let isFloat = builder[made].type.element == .f32
    builder.output(
      "y", try isFloat ? made : builder.append("floats", ElementCast(to: .f32), [made])[0])
    let graph = try builder.graph()
    let (found, expected) = try ProgramTests().seeded(graph, threads: threads, keepsTypes: true)
    #expect(!expected.isEmpty && found.count == expected.count && Set(expected).count > 3)
    guard !sample.isExact else {
      #expect(found == expected)
      return
    }
    // One more rounding of a sum of numbers that are mostly larger than what they add up to.
    let most = expected.map(abs).max() ?? 0
    let wrong = zip(found, expected).filter { a, b in
      abs(a - b) > 0x1p-7 * abs(b) + 1e-5 * most
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    // Hardly any number lies so near to the middle of two.
    let equal = zip(found, expected).filter { a, b in abs(a - b) <= 1e-5 * most }
    #expect(equal.count * 10 >= 9 * expected.count)
  }

  private func subject(_ network: Network, size: Int) throws -> BFloat16Subject {
    try BFloat16Subject(SizedModel(Model(network, seed: 1), inputSize: size))
  }

  /// The first output of a pass for seeded images, and the program.
  private func run(
    _ pass: ForwardPass, threads: Int, isReference: Bool = false
  ) throws -> (values: [Float], program: Program) {
    let program = try pass.program(pool: ThreadPool(threads: threads)) {
      isReference ? .reference : ConvPlan.native($0)
    }
    let block = InputBlock(for: program, tables: pass.tables)
    block.fill(seed: 5)
    block.bindLast(to: program)
    withExtendedLifetime(block) { program.run() }
    return (program.numbers(0), program)
  }

  /// Bytes that the values of two images share.
  private func arenaBytes(_ graph: Graph) throws -> Int {
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(graph, shapes, batch: 2, threads: 1, caches: .current)
    return MemoryPlan(graph, shapes, groups: groups).arenaBytes
  }

  @Test func aNetworkStaysWithinItsBound() throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try subject(network, size: 28)
    let layers = network.filterLayers(batch: 1, inputSize: 28).count
    #expect(subject.layers.onBFloat16 == layers && subject.layers.all == layers)
    let pass = try subject.forwardPass(batch: 2)
    let (values, program) = try run(pass, threads: 2)
    #expect(program.isOnBFloat16 && !program.isOnBytes && program.errorBound < 0.02)
    #expect(program.units.filter(\.isOnBFloat16).count == layers)
    // What lies between layers takes about half of what floats do.
    let float = try subject.base.forwardPass(batch: 2)
    #expect(try Double(arenaBytes(pass.graph)) < 0.6 * Double(arenaBytes(float.graph)))
    // The same bits on one thread, and of an image alone; near to plain loops, and to floats.
    #expect(try run(pass, threads: 1).values == values)
    #expect(try run(subject.forwardPass(batch: 1), threads: 1).values == Array(values.prefix(10)))
    let loops = try run(pass, threads: 2, isReference: true).values
    #expect(relativeError(values, loops) <= program.errorBound)
    let floats = try run(float, threads: 2).values
    let error = relativeError(values, floats)
    #expect(error > 1e-5 && error < 0.1, "\(error)")
  }

  /// The check of a case: every operator by its reference, and with no room for these by plain loops.
  @Test func aCheckRoundsWhereTheProgramDoes() throws {
    let subject = try subject(Network.named("resnet20", classes: 10), size: 28)
    let pass = try subject.forwardPass(batch: 1)
    let pool = ThreadPool(threads: 2)
    let program = try pass.program(pool: pool) { ConvPlan.native($0) }
    let block = InputBlock(for: program)
    block.fill(seed: 5)
    block.bindLast(to: program)
    withExtendedLifetime(block) { program.run() }
    let oracle = try subject.oracle(of: 1).pass.oracle
    let places = block.lastItems(try oracle.inputShapes())
    let answer = try oracle.answer(to: places, pool: pool)
    #expect(answer.basis == .operators)
    #expect(program.error(beside: answer.outputs) <= program.errorBound)
    let none = OutputOracle.Limits(macs: 0, bytes: 0)
    let loops = try oracle.answer(to: places, pool: pool, limits: none)
    #expect(loops.basis == .kernels)
    #expect(program.error(beside: loops.outputs) <= program.errorBound)
    // One layer left out is far beyond the bound.
    let zeros = answer.outputs.map { $0.map { _ in Float(0) } }
    #expect(program.error(beside: zeros) > program.errorBound)
  }

  /// Branches that are written into one buffer of bfloat16, pools of both kinds.
  @Test func branchesMeetInBFloat16() throws {
    let network = InceptionV3.network(classes: 10, narrowing: 16)
    let subject = try subject(network, size: 75)
    let pass = try subject.forwardPass(batch: 1)
    let joined = pass.graph.nodes.filter { $0.op is Concatenation }
    #expect(!joined.isEmpty)
    #expect(joined.allSatisfy { pass.graph[$0.outputs[0]].type.element == .bf16 })
    let (values, program) = try run(pass, threads: 2)
    let loops = try run(pass, threads: 1, isReference: true).values
    #expect(relativeError(values, loops) <= program.errorBound)
  }

  /// Layers over tokens multiply bfloat16, also of matrices that lie the other way round or are a part
  /// of a larger one; attention and norms stay floats.
  @Test func textsRunInBFloat16() throws {
    let bert = BERT(
      name: "bert", layers: 2, width: 12, heads: 3, inner: 20, vocabulary: 23, positions: 9
    ).network
    let gpt2 = GPT2(
      name: "gpt2", layers: 2, width: 12, heads: 3, vocabulary: 23, positions: 9
    ).network
    for network in [bert, gpt2] {
      let subject = try subject(network, size: 9)
      #expect(subject.layers.onBFloat16 == subject.layers.all && subject.layers.all >= 9)
      let pass = try subject.forwardPass(batch: 2)
      let (values, program) = try run(pass, threads: 2)
      let loops = try run(pass, threads: 1, isReference: true).values
      #expect(relativeError(values, loops) <= program.errorBound, "\(network.name)")
      let floats = try run(subject.base.forwardPass(batch: 2), threads: 1).values
      #expect(relativeError(values, floats) < 0.1, "\(network.name)")
    }
  }
}

import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// What programs are held against notices kernels that give something else.
@Suite struct OutputOracleTests {
  /// An operator, one that a wrong kernel would make of it, and what both read.
  struct Pair: Sendable, CustomTestStringConvertible {
    var right: any Operator
    var wrong: any Operator
    /// Lengths of an item.
    var item = [4, 6]
    /// How often they read it.
    var reads = 1
    /// Shapes of the parameters behind it.
    var parameters: [[Int]] = []

    var testDescription: String { "\(type(of: right))" }
  }

  private static func attention(_ change: (inout HeadAttention) -> Void) -> HeadAttention {
    var op = HeadAttention()
    (op.heads, op.keyHeads) = (2, 2)
    change(&op)
    return op
  }

  private static func window(_ size: Int) -> WindowPooling {
    WindowPooling(
      .maximum, axes: [WindowPooling.Axis(size: size, stride: 1, before: 1, after: size - 2)])
  }

  static let pairs: [Pair] = [
    Pair(right: Softmax(axis: 2), wrong: Softmax(axis: 1)),
    Pair(right: attention { _ in }, wrong: attention { $0.rule.isCausal = true }, reads: 3),
    Pair(right: attention { _ in }, wrong: attention { $0.rule.scale = 0.5 }, reads: 3),
    Pair(
      right: MaxPooling(window: 2, stride: 2), wrong: AveragePooling(window: 2, stride: 2),
      item: [6, 6, 3]),
    Pair(right: window(2), wrong: window(3)),
    Pair(
      right: Reduction(.mean, axes: [1], keepsDimensions: true),
      wrong: Reduction(.max, axes: [1], keepsDimensions: true)),
    Pair(
      right: LayerNormalization(axis: 2, epsilon: 1e-5, hasShift: false),
      wrong: LayerNormalization(axis: 2, epsilon: 1e-5, centres: false, hasShift: false),
      parameters: [[6]]),
    Pair(
      right: RecurrentLayer(.lstm, .forward, isBatchFirst: true),
      wrong: RecurrentLayer(.lstm, .reverse, isBatchFirst: true),
      parameters: [[1, 20, 6], [1, 20, 5]]),
    Pair(right: Pointwise(.gelu), wrong: Pointwise(.swish(scale: 1))),
    Pair(
      right: RunningSum(axis: 1, isExclusive: false, isReversed: false),
      wrong: RunningSum(axis: 1, isExclusive: true, isReversed: false)),
    Pair(right: Transpose([0, 2, 1]), wrong: Reshape([.batch, 6, 4])),
    Pair(
      right: BatchNormalization(epsilon: 1e-5), wrong: BatchNormalization(epsilon: 0.5),
      parameters: [[6], [6], [6], [6]]),
  ]

  private func graph(_ op: any Operator, _ pair: Pair) throws -> Graph {
    var builder = GraphBuilder()
    let x = builder.input(
      "x", TensorType(.f32, [.batch] + pair.item.map { Dimension.fixed($0) }))
    let roles: [Parameter.Role] = [.normScale, .normShift, .runningMean, .runningVariance]
    let parameters = pair.parameters.enumerated().map { index, shape in
      builder.parameter(Parameter(name: "p\(index)", shape: shape, role: roles[index]))
    }
    let inputs = [Graph.Value](repeating: x, count: pair.reads) + parameters
    for (index, value) in try builder.append("op", op, inputs).enumerated() {
      builder.output("y\(index)", value)
    }
    return try builder.graph()
  }

  private let pool = ThreadPool(threads: 2)
  private let batch = 3

  /// A program after a run, and what it read.
  private func run(_ graph: Graph) throws -> (program: Program, memory: AlignedMemory) {
    let program = try Program(
      graph, parameters: .frozen(ProgramTests.Weights()), batch: batch, pool: pool
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    let memory = AlignedMemory(count: program.imageShape.count)
    var random = SeededRandom(seed: 8)
    let values = random.floats(memory.buffer.count, in: -2...2)
    for index in values.indices { memory.buffer.pointer[index] = values[index] }
    program.bind(0, to: memory.buffer.bytes)
    program.run()
    return (program, memory)
  }

  /// Memory that a program reads.
  private final class AlignedMemory {
    let buffer: AlignedBuffer

    init(count: Int) { buffer = AlignedBuffer(count: count) }
  }

  /// What the last item's outputs have to be.
  private func answer(
    _ written: Graph, _ compiled: Graph, beside run: (program: Program, memory: AlignedMemory),
    limits: OutputOracle.Limits = .usual
  ) throws -> OutputOracle.Answer {
    let oracle = OutputOracle(
      written: written, compiled: compiled, weights: ProgramTests.Weights(), batch: 1)
    let width = try oracle.inputShapes()[0].count
    let last = run.memory.buffer.pointer + (batch - 1) * width
    return try oracle.answer(
      to: [UnsafeRawPointer(last)], pool: pool, limits: limits)
  }

  @Test(arguments: pairs)
  func noticesAnotherOperator(_ pair: Pair) throws {
    let (right, wrong) = (try graph(pair.right, pair), try graph(pair.wrong, pair))
    let own = try run(right)
    let answer = try answer(right, right, beside: own)
    #expect(answer.basis == .operators)
    #expect(own.program.error(beside: answer.outputs) <= own.program.errorBound)
    let other = try run(wrong)
    #expect(other.program.error(beside: answer.outputs) > 10 * other.program.errorBound)
    // What was held against its own kernels passed whatever they gave.
    let same = try self.answer(
      right, wrong, beside: other, limits: OutputOracle.Limits(macs: 0, bytes: 1e12))
    #expect(same.basis == .kernels)
    #expect(other.program.error(beside: same.outputs) <= other.program.errorBound)
  }

  @Test func whatIsTooLargeIsHeldAgainstReferenceKernels() throws {
    let graph = try graph(Softmax(axis: 2), Pair(right: Softmax(axis: 2), wrong: ReLU()))
    let own = try run(graph)
    // 24 elements of an item, and no product.
    for (macs, bytes, basis) in [
      (24 * 64, 1e9, .operators), (24 * 64 - 1, 1e9, .kernels), (1e12, 100, .kernels),
    ] as [(Double, Double, OutputOracle.Basis)] {
      let limits = OutputOracle.Limits(macs: macs, bytes: bytes)
      #expect(try answer(graph, graph, beside: own, limits: limits).basis == basis)
    }
  }

  /// On bytes a check is of the very bits of a run, so that references stand only where all of them
  /// give these.
  @Test func bytesAreHeldToTheirBits() throws {
    let bytes = Quantization(scale: 0.125, zeroPoint: 100)
    func quantized(_ op: any Operator) throws -> Graph {
      var builder = GraphBuilder()
      let x = builder.input("x", TensorType(.f32, [.batch, 4, 6]))
      let steps = try builder.append("steps", LinearQuantization(bytes), [x])
      let restored = try builder.append("restored", LinearDequantization(bytes), steps)
      builder.output("y", try builder.append("op", op, restored)[0])
      return try builder.graph()
    }
    let cases: [(op: any Operator, basis: OutputOracle.Basis)] = [
      (Transpose([0, 2, 1]), .operators), (Softmax(axis: 2), .kernels),
    ]
    for (op, basis) in cases {
      let graph = try quantized(op)
      let own = try run(graph)
      let answer = try answer(graph, graph, beside: own)
      #expect(answer.basis == basis)
      #expect(own.program.errorBound == 0)
      #expect(own.program.error(beside: answer.outputs) <= (basis == .operators ? 0 : 1e-6))
    }
  }

  /// The graph as it was written is evaluated, so that a pass that changes it is noticed too.
  @Test func noticesAWrongPass() throws {
    func written(epsilon: Double) throws -> Graph {
      var builder = GraphBuilder()
      let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 3]))
      let sums = try builder.convolution("conv", images, filters: 5, window: 3, paddings: 1)
      let norm = try builder.batchNorm("norm", sums, epsilon: epsilon)
      builder.output("y", try builder.relu("relu", norm))
      return try builder.graph()
    }
    let graph = try written(epsilon: 1e-5)
    let compiled = try graph.foldingNorms().fusingEpilogues()
    #expect(compiled.nodes.count == 1)
    let own = try run(compiled)
    let answer = try answer(graph, compiled, beside: own)
    #expect(answer.basis == .operators)
    #expect(own.program.error(beside: answer.outputs) <= own.program.errorBound)
    // As if a pass had folded another ε.
    let wrong = try written(epsilon: 0.5).foldingNorms().fusingEpilogues()
    let other = try run(wrong)
    let found = try self.answer(graph, wrong, beside: other)
    #expect(other.program.error(beside: found.outputs) > 1e-2)
  }
}

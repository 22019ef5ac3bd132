import Basics
import Foundation
import Graphs
import Harness
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing
import Workloads

/// Programs on bytes beside the same arithmetic in plain integers: not a bit may differ.
@Suite struct QuantizedProgramTests {
  /// A network with seeded weights, calibrated on a few seeded images.
  func quantized(
    _ network: Network, size: Int, _ change: (inout Quantizer) -> Void = { _ in }
  ) throws -> QuantizedSubject {
    var quantizer = Quantizer(threads: 1)
    change(&quantizer)
    return try quantizer.quantized(
      Seeded(network: network, size: size), table: nil, calibration: [])
  }

  /// Any network, with seeded weights.
  private struct Seeded: InferenceSubject {
    var network: Network
    var size: Int
    var weights: SeededWeights { SeededWeights(for: network, seed: 1) }
    var name: String { network.name }
    var item: WorkItem { .image }
    var weightsName: String { "seeded" }
    var smallestBatch: Int { 1 }
    func oracleBatch(of batch: Int) -> Int { 1 }
    func writtenPass(batch: Int) -> ForwardPass {
      ForwardPass(graph: network.graph(inputSize: size), weights: weights, batch: batch)
    }
    func forwardPass(batch: Int) -> ForwardPass {
      ForwardPass(graph: network.inferenceGraph(inputSize: size), weights: weights, batch: batch)
    }
    func parameters(of program: Program) -> [String: JSONValue] { [:] }
  }

  /// The outputs of a program for seeded images, by the graph's own algorithm or the reference.
  func outputs(
    _ pass: ForwardPass, threads: Int, isReference: Bool = false
  ) throws -> (values: [Float], program: Program) {
    let program = try pass.program(pool: ThreadPool(threads: threads)) {
      isReference ? .reference : ConvPlan.native($0)
    }
    let block = InputBlock(for: program)
    block.fill(seed: 5)
    block.bindLast(to: program)
    program.run()
    return (program.numbers(0), program)
  }

  @Test func aNetworkIsItsPlainIntegersBitForBit() throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try quantized(network, size: 28)
    let layers = network.filterLayers(batch: 1, inputSize: 28).count
    #expect(subject.layers.onBytes == layers && subject.layers.all == layers && subject.isSeeded)
    let pass = try subject.forwardPass(batch: 2)
    let (values, program) = try outputs(pass, threads: 2)
    #expect(program.isOnBytes && program.errorBound == 0)
    #expect(program.units.filter(\.isOnBytes).allSatisfy { $0.kernelName != nil })
    // The operators' own references, in plain loops over whole numbers.
    var given: [String: ReferenceTensor] = [:]
    for parameter in pass.graph.parameters {
      given[parameter.name] = ReferenceTensor(
        try #require(Shape(parameter.shape)), try pass.weights.values(parameter).map(Double.init))
    }
    let block = InputBlock(for: program)
    block.fill(seed: 5)
    let count = program.imageShape.count
    let floats = block.pointer(0).assumingMemoryBound(to: Float.self)
    given["images"] = ReferenceTensor(program.imageShape) { Double(floats[$0]) }
    #expect(count == 2 * 28 * 28)
    let expected = try pass.graph.evaluate(given)[pass.graph.outputs[0].name]?.values ?? []
    #expect(values.map(Double.init) == expected)
    // On one thread, and by the kernels' reference.
    #expect(try outputs(pass, threads: 1).values == values)
    #expect(try outputs(pass, threads: 1, isReference: true).values == values)
    // An image alone gives what it gives in a batch.
    let one = try outputs(subject.forwardPass(batch: 1), threads: 1)
    #expect(one.values == Array(values.prefix(10)))
  }

  /// Branches that are written into one buffer of bytes, pools of both kinds, asymmetric windows.
  @Test func branchesMeetInBytes() throws {
    let network = InceptionV3.network(classes: 10, narrowing: 16)
    let subject = try quantized(network, size: 75)
    let pass = try subject.forwardPass(batch: 1)
    let (values, program) = try outputs(pass, threads: 2)
    #expect(subject.layers.onBytes == subject.layers.all && program.errorBound == 0)
    #expect(pass.graph.nodes.contains { $0.op is Concatenation })
    #expect(!pass.graph.nodes.contains { $0.op is ByteMapping })
    #expect(try outputs(pass, threads: 1, isReference: true).values == values)
    let float = try outputs(
      Seeded(network: network, size: 75).forwardPass(batch: 1), threads: 1
    ).values
    #expect(relativeError(values, float) < 0.5)
  }

  /// Rounding to bytes keeps the logits, and each way to quantize does so.
  @Test func logitsStayNear() throws {
    let network = try Network.named("resnet20", classes: 10)
    let float = try outputs(
      Seeded(network: network, size: 28).forwardPass(batch: 2), threads: 1
    ).values
    func error(
      _ bits: WeightBits = .eight, _ change: (inout Quantizer) -> Void
    ) throws -> Double {
      let subject = try quantized(network, size: 28) { quantizer in
        quantizer.givenBits = bits
        change(&quantizer)
      }
      return relativeError(try outputs(subject.forwardPass(batch: 2), threads: 1).values, float)
    }
    let plain = try error { _ in }
    #expect(plain > 0 && plain < 0.2, "\(plain)")
    // A bit less doubles what rounding weights does, and nothing else.
    let narrow = try error(.seven) { _ in }
    #expect(narrow > 0 && narrow < 0.4, "\(narrow)")
    #expect(try error { $0.method = .mse } < 0.3)
    #expect(try error { $0.method = .percentile(99.9) } < 0.5)
    #expect(try error { $0.correctsBias = true } < 0.2)
    #expect(try error { ($0.keepsFirst, $0.keepsLast) = (true, true) } < 0.2)
  }

  @Test func endsCanStayFloat() throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try quantized(network, size: 28) { ($0.keepsFirst, $0.keepsLast) = (true, true) }
    #expect(subject.layers.onBytes == subject.layers.all - 2)
    #expect(subject.table?.kept == ["conv1", "fc"])
    let pass = try subject.forwardPass(batch: 1)
    let (_, program) = try outputs(pass, threads: 1)
    #expect(program.errorBound > 0 && program.isOnBytes)
    // What the first layer rounds goes on into bytes; the bound says how far, and lets no more pass.
    let pool = ThreadPool(threads: 1)
    let block = InputBlock(for: program)
    block.fill(seed: 5)
    let places = block.lastItems(try pass.oracle.inputShapes())
    let answer = try pass.oracle.answer(to: places, pool: pool)
    let bound = try withExtendedLifetime(block) {
      try pass.oracle.errorBound(of: program, for: places, beside: answer, pool: pool)
    }
    #expect(answer.basis == .kernels && bound > program.errorBound, "\(bound)")
    #expect(bound <= program.errorBound + 0.05, "\(bound)")
    #expect(program.error(beside: answer.outputs) <= bound)
    // Ranges of the middle part of all numbers give another network.
    let other = try quantized(network, size: 28) { $0.method = .percentile(60) }
    let wrong = try outputs(other.forwardPass(batch: 1), threads: 1).program
    #expect(wrong.error(beside: answer.outputs) > bound)
  }

  /// Behind bytes alone no rounding is in doubt, so that a last layer of floats is held as floats are.
  @Test func nothingIsInDoubtBehindBytes() throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try quantized(network, size: 28) {
      ($0.keepsFirst, $0.keepsLast) = (false, true)
    }
    let graph = try subject.forwardPass(batch: 1).graph
    #expect(try graph.movingRoundings(by: 1e-3) == nil && graph.isQuantized)
    let first = try quantized(network, size: 28) {
      ($0.keepsFirst, $0.keepsLast) = (true, false)
    }.forwardPass(batch: 1)
    let moved = try #require(try first.graph.movingRoundings(by: 1e-3))
    #expect(moved.nodes.count { $0.op is Pairwise } == 1)
  }

  /// What is checked are whole numbers, and not the floats that they stand for.
  @Test func aCheckEvaluatesTheQuantizedGraph() throws {
    let subject = try quantized(Network.named("resnet20", classes: 10), size: 28)
    let pass = try subject.forwardPass(batch: 1)
    #expect(pass.written.layerCounts == pass.graph.layerCounts && pass.written.hasExactReferences)
    let pool = ThreadPool(threads: 2)
    let program = try pass.program(pool: pool) { ConvPlan.native($0) }
    let block = InputBlock(for: program)
    block.fill(seed: 5)
    block.bindLast(to: program)
    withExtendedLifetime(block) { program.run() }
    let places = block.lastItems(try pass.oracle.inputShapes())
    let answer = try pass.oracle.answer(to: places, pool: pool)
    #expect(answer.basis == .operators && program.error(beside: answer.outputs) == 0)
    // With no room for the references, by plain loops over whole numbers all the same.
    let none = OutputOracle.Limits(macs: 0, bytes: 0)
    let loops = try pass.oracle.answer(to: places, pool: pool, limits: none)
    #expect(loops.basis == .kernels && loops.outputs == answer.outputs)
  }

  /// Layers over tokens multiply bytes; attention, norms and the table's own layer stay floats.
  @Test func textsRunOnBytes() throws {
    let network = BERT(
      name: "bert", layers: 2, width: 12, heads: 3, inner: 20, vocabulary: 23, positions: 9
    ).network
    let sized = SizedModel(Model(network, seed: 1), inputSize: 9)
    let subject = try Quantizer(threads: 1).quantized(sized, table: nil, calibration: [])
    #expect(subject.layers.onBytes >= 12 && subject.layers.onBytes < subject.layers.all)
    let pass = try subject.forwardPass(batch: 2)
    let pool = ThreadPool(threads: 2)
    let program = try pass.program(pool: pool) { ConvPlan.native($0) }
    let block = InputBlock(for: program, tables: pass.tables)
    block.fill(seed: 5)
    block.bindLast(to: program)
    withExtendedLifetime(block) { program.run() }
    let oracle = try subject.forwardPass(batch: 1).oracle
    let places = block.lastItems(try oracle.inputShapes())
    let answer = try oracle.answer(to: places, pool: pool)
    #expect(answer.basis == .kernels && program.errorBound > 0)
    let bound = try withExtendedLifetime(block) {
      try oracle.errorBound(of: program, for: places, beside: answer, pool: pool)
    }
    #expect(bound >= program.errorBound && bound <= program.errorBound + 0.05)
    #expect(program.error(beside: answer.outputs) <= bound)
  }

  /// GPT-2's matrices lie the other way round, and the table is read by others, too.
  @Test func textsWithoutSuchLayersAreRefused() {
    let network = GPT2(
      name: "gpt2", layers: 1, width: 12, heads: 3, vocabulary: 23, positions: 9
    ).network
    let sized = SizedModel(Model(network, seed: 1), inputSize: 9)
    let error = #expect(throws: Problem.self) {
      try Quantizer(threads: 1).quantized(sized, table: nil, calibration: [])
    }
    #expect(error?.description.contains("there is no layer to be quantized") == true)
  }

  /// Ranges, by hand.
  @Test func rangesFollowFromNumbers() throws {
    var statistics = ValueStatistics()
    #expect(statistics.range(by: .minMax) == 0...0)
    // One number far from a thousand others.
    let numbers = (0..<1000).map { Float($0) / 1000 } + [10]
    try numbers.withUnsafeBufferPointer { buffer in
      try statistics.widen(by: buffer, of: "v")
      statistics.count(buffer)
    }
    #expect(statistics.low == 0 && statistics.high == 10)
    #expect(statistics.bins.reduce(0, +) == 1001 && statistics.bins.last == 1)
    #expect(statistics.range(by: .minMax) == 0...10)
    let most = statistics.range(by: .percentile(99)).upperBound
    #expect(most > 0.98 && most < 1.01, "\(most)")
    #expect(statistics.range(by: .percentile(100)) == 0...10)
    // A step of 10/255 is 0.04: cutting the one off costs more than it brings.
    #expect(statistics.range(by: .mse).upperBound > 9)
    // What a file has become since then is counted at an end, and nothing traps.
    let others: [Float] = [.nan, -.infinity, -1e30, .infinity, 1e30]
    others.withUnsafeBufferPointer { statistics.count($0) }
    #expect(statistics.bins.reduce(0, +) == 1006 && statistics.bins.last == 3)
    let bad: [Float] = [1, .nan]
    let error = #expect(throws: Problem.self) {
      try bad.withUnsafeBufferPointer { try statistics.widen(by: $0, of: "conv9") }
    }
    #expect(error?.description.contains("conv9") == true)
  }

  /// Layers that share a bias get one each, in steps of their own.
  @Test(arguments: [false, true])
  func aSharedBiasIsEachLayersOwn(isNormed: Bool) throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 4]))
    let shared = Parameter(name: "shared", shape: [4], role: .bias)
    var value = images
    for name in ["first", "second"] {
      let filters = builder.parameter(
        Parameter(name: "\(name).weight", shape: [4, 4, 3, 3], role: .filters, area: 9))
      let bias = builder.parameter(shared)
      let op = Convolution(filters: 4, window: 3, paddings: 1, hasBias: true)
      value = try builder.append(name, op, [value, filters, bias])[0]
      guard isNormed, name == "first" else { continue }
      let roles: [Parameter.Role] = [.normScale, .normShift, .runningMean, .runningVariance]
      let norm = roles.enumerated().map { index, role in
        builder.parameter(Parameter(name: "norm\(index)", shape: [4], role: role))
      }
      value = try builder.append("norm", BatchNormalization(), [value] + norm)[0]
    }
    builder.output("y", value)
    let (graph, weights) = (try builder.graph(), ProgramTests.Weights())
    let float = try FloatGraph(graph, weights: weights)
    let biases = float.graph.parameters.filter { $0.role == .bias }
    #expect(biases.map(\.name) == ["first.bias", isNormed ? "shared" : "second.bias"])
    let plain = try weights.values(shared)
    for bias in biases where !isNormed || bias.name == "shared" {
      #expect(try float.weights.values(bias) == plain)
    }
    let sites = QuantizationSites(float.graph)
    let table = QuantizationTable(
      float.graph, sites, ranges: sites.values.indices.map { -2...Float(3 * $0 + 3) },
      method: .minMax, calibration: "no items", isSeeded: true, kept: [])
    let quantized = try QuantizedGraph(float, by: table)
    #expect(try quantized.inferenceGraph().layerCounts.onBytes == 2)
    let rounded = quantized.graph.parameters.filter { $0.role == .bias }
    #expect(rounded.count == 2 && rounded[0].scales != rounded[1].scales)
    for (bias, before) in zip(rounded, biases) {
      let (scales, exact) = (try #require(bias.scales), try float.weights.values(before))
      for (k, number) in try quantized.weights.values(bias).enumerated() {
        #expect(abs(number - exact[k]) <= scales[k])
      }
    }
  }

  /// Ranges found at one batch hold at every other, also where lengths are computed from it; those of
  /// another graph are told apart, so that a cache calibrates anew.
  @Test func aTableHoldsForEveryBatch() throws {
    func graph(_ batch: Graphs.Dimension, name: String = "conv") throws -> Graph {
      var builder = GraphBuilder()
      let images = builder.input("images", TensorType(.f32, [batch, 6, 6, 4]))
      let filters = builder.parameter(
        Parameter(name: "weight", shape: [4, 4, 1, 1], role: .filters))
      let op = Convolution(filters: 4, window: 1)
      builder.output("y", try builder.append(name, op, [images, filters])[0])
      return try builder.graph()
    }
    let (one, more, open) = (try graph(1), try graph(16), try graph(.batch))
    let sites = QuantizationSites(one)
    let table = QuantizationTable(
      one, sites, ranges: sites.values.map { _ in -1...1 }, method: .minMax,
      calibration: "no items", isSeeded: true, kept: [])
    #expect(table.fits(one) && table.fits(more) && table.fits(open))
    #expect(try !table.fits(graph(.batch, name: "other")))
    var other = table
    other.ranges[0].value = "elsewhere"
    #expect(!other.fits(one))
  }

  /// No steps stand for filters that are no numbers, which a ReLU behind them may hide.
  @Test func filtersHaveToBeFinite() throws {
    struct Broken: WeightSource {
      func read(
        _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
      ) throws(Problem) {
        values.update(repeating: 0.5)
        if parameter.role == .filters { values[1] = .nan }
      }
    }
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 4]))
    let filters = builder.parameter(Parameter(name: "weight", shape: [4, 4, 1, 1], role: .filters))
    builder.output(
      "y", try builder.append("conv", Convolution(filters: 4, window: 1), [images, filters])[0])
    let float = try FloatGraph(builder.graph(), weights: Broken())
    let sites = QuantizationSites(float.graph)
    let table = QuantizationTable(
      float.graph, sites, ranges: sites.values.map { _ in -1...1 }, method: .minMax,
      calibration: "no items", isSeeded: true, kept: [])
    let error = #expect(throws: Problem.self) { try QuantizedGraph(float, by: table) }
    #expect(error?.description.contains("conv has filters or a bias that are not finite") == true)
  }

  /// A table is of one graph, and its file reads as it was written.
  @Test func aTableIsKept() throws {
    let network = try Network.named("resnet20", classes: 10)
    let table = try #require(try quantized(network, size: 28).table)
    let directory = try TemporaryDirectory()
    let path = try directory.file("table.json", try table.data())
    #expect(try QuantizationTable(path: path) == table)
    let other = Seeded(network: network, size: 32)
    let error = #expect(throws: Problem.self) { try QuantizedSubject(other, table: table) }
    #expect(error?.description.contains("of another network or size") == true)
    #expect(throws: Problem.self) { try QuantizationTable(path: directory.path("none.json")) }
    let text = try directory.file("no.json", Data(#"{"schema": "costcurve.result"}"#.utf8))
    #expect(throws: Problem.self) { try QuantizationTable(path: text) }
  }
}

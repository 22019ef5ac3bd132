import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing
import Workloads

/// A network for texts with seeded weights, compiled, and its inputs.
struct TextRun {
  let network: Network
  let tokens: Int
  let program: Program
  private let block: InputBlock

  /// Compiles it and fills its inputs.
  ///
  /// - Parameters:
  ///   - network: For texts.
  ///   - tokens: Of a sequence.
  ///   - batch: Sequences.
  ///   - threads: Threads that it runs on.
  ///   - numbers: In place of those that are drawn, by input.
  /// - Throws: A batch too large to count.
  init(
    _ network: Network, tokens: Int, batch: Int, threads: Int, numbers: [String: [Int64]] = [:]
  ) throws {
    (self.network, self.tokens) = (network, tokens)
    program = try Program(
      network.inferenceGraph(inputSize: tokens),
      parameters: .frozen(SeededWeights(for: network, seed: 1)), batch: batch,
      pool: ThreadPool(threads: threads)
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    let inputs = network.inputs(inputSize: tokens)
    let tables = inputs.compactMap { input in input.tableRows.map { (input.name, $0) } }
    block = InputBlock(for: program, tables: Dictionary(uniqueKeysWithValues: tables))
    block.fill(seed: 1)
    for (index, input) in inputs.enumerated() {
      for (place, number) in (numbers[input.name] ?? []).enumerated() {
        block.pointer(index).storeBytes(of: number, toByteOffset: 8 * place, as: Int64.self)
      }
    }
    block.bindLast(to: program)
  }

  /// The outputs, by name.
  func outputs() -> [String: [Float]] {
    withExtendedLifetime(block) { program.run() }
    var result: [String: [Float]] = [:]
    for (index, name) in program.outputNames.enumerated() { result[name] = program.numbers(index) }
    return result
  }

  /// The same by the operators' plain references.
  func references() throws -> [String: [Double]] {
    let graph = network.graph(inputSize: tokens)
    let weights = SeededWeights(for: network, seed: 1)
    var tensors: [String: ReferenceTensor] = [:]
    for parameter in graph.parameters {
      tensors[parameter.name] = ReferenceTensor(
        try #require(Shape(parameter.shape)), try weights.values(parameter).map(Double.init))
    }
    for (index, port) in graph.inputs.enumerated() {
      let numbers = (0..<program.batch * tokens).map { place in
        block.pointer(index).load(fromByteOffset: 8 * place, as: Int64.self)
      }
      tensors[port.name] = ReferenceTensor([program.batch, tokens], numbers.map(Double.init))
    }
    return try graph.evaluate(tensors).mapValues(\.values)
  }
}

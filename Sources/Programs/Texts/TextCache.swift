import Basics
import Graphs
import Kernels
import Models
import Tensors

/// A batch of texts that a network goes on with: keys and values of all tokens so far, and the
/// programs that read the next ones.
///
/// A prompt's program reads the first tokens at once, that of a step one more of each text. They share
/// the weights, and append to the same memory, which is there before the first run and as long as this
/// is. Not to be used by two threads at once.
package final class TextCache {
  /// What goes on with the texts.
  package let network: Network
  /// Texts side by side.
  package let batch: Int
  /// Tokens of a text that there is room for.
  package let capacity: Int
  private let weights: SharedWeights
  private let pool: ThreadPool
  /// Keys and values, by the names of the inputs that they are.
  private var memory: [String: Operand.Held] = [:]
  private let position = Operand.Held(byteCount: MemoryLayout<Int64>.stride)

  /// Begins with empty texts.
  ///
  /// - Parameters:
  ///   - network: One that generates text.
  ///   - weights: Asked for each parameter once, or twice where it is a table and a product.
  ///   - batch: Texts, at least 1.
  ///   - capacity: Tokens that there is to be room for.
  ///   - pool: The threads that all programs run on.
  /// - Throws: `usage` for a network that generates no text, or no texts of that length.
  package init(
    _ network: Network, weights: any WeightSource, batch: Int, capacity: Int, pool: ThreadPool
  ) throws(Problem) {
    try network.refuseGenerating()
    try network.refuse(inputSize: capacity)
    (self.network, self.weights, self.batch) = (network, SharedWeights(weights), batch)
    (self.capacity, self.pool) = (capacity, pool)
  }

  /// Compiles what reads the first tokens of each text.
  ///
  /// - Parameters:
  ///   - tokens: Of each text.
  ///   - choose: The algorithm for a layer, by its shape.
  /// - Returns: A program whose tokens are yet to be bound; its output tells of the last one alone.
  /// - Throws: Weights that cannot be read, or a batch too large to count.
  package func prompt(
    tokens: Int, choose: (_ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) -> Program {
    try program(
      network.promptGraph(tokens: tokens, capacity: capacity), weights, choose)
  }

  /// Compiles what reads one more token of each text.
  ///
  /// - Parameters:
  ///   - unshared: Weights of its own, for an oracle; those of all programs unless given.
  ///   - choose: The algorithm for a layer, by its shape.
  /// - Returns: A program whose tokens are yet to be bound; `stand(at:)` says where they stand.
  /// - Throws: Weights that cannot be read, or a batch too large to count.
  package func step(
    unshared: (any WeightSource)? = nil, choose: (_ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) -> Program {
    try program(network.stepGraph(capacity: capacity), unshared ?? weights, choose)
  }

  /// Compiles what reads whole texts and keeps nothing of them: what the others are held to.
  ///
  /// - Parameters:
  ///   - tokens: Of each text.
  ///   - choose: The algorithm for a layer, by its shape.
  /// - Returns: A program whose tokens are yet to be bound; its output tells of the last one alone.
  /// - Throws: Weights that cannot be read, or a batch too large to count.
  package func whole(
    tokens: Int, choose: (_ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) -> Program {
    try program(
      network.inferenceGraph(inputSize: tokens).answeringLastTokens(), weights, choose)
  }

  /// Says how many tokens stand before the one that steps read from the next run on.
  ///
  /// Those tokens have been read, by a prompt and steps; what was read behind them is overwritten.
  package func stand(at position: Int) {
    precondition((0..<capacity).contains(position), "\(position) of \(capacity) tokens")
    self.position.buffer.bytes.storeBytes(of: Int64(position), as: Int64.self)
  }

  /// Bytes of all keys and values that programs have so far.
  package var byteCount: Int { memory.values.reduce(0) { $0 + $1.byteCount } }

  private func program(
    _ graph: Graph, _ weights: any WeightSource, _ choose: (ConvShape) -> ConvAlgorithm
  ) throws(Problem) -> Program {
    let program = try Program(
      graph, parameters: .frozen(weights), batch: batch, pool: pool
    ) { _, shape, _ in choose(shape) }
    for (index, port) in graph.inputs.enumerated().dropFirst() {
      let bytes = program.inputShapes[index].count * graph[port.value].type.element.byteCount
      program.bind(index, to: held(port.name, byteCount: bytes).buffer.bytes)
    }
    return program
  }

  /// The memory of an input other than the tokens: the position, or keys or values so far.
  private func held(_ name: String, byteCount: Int) -> Operand.Held {
    if name == "positions" { return position }
    if let known = memory[name] { return known }
    let made = Operand.Held(byteCount: byteCount)
    memory[name] = made
    return made
  }
}

extension Program {
  /// Says where the tokens of a text's program lie, `batch × tokens`, from the next run on.
  package func bind(tokens: UnsafePointer<Int64>) { bind(0, to: tokens) }

  /// What the first output told of the last token of each item, one after the other.
  package var lastAnswers: [Float] {
    let (all, width) = (values(0), outputShapes[0].C)
    let own = all.count / batch
    return (1...batch).flatMap { Array(all[$0 * own - width..<$0 * own]) }
  }

  /// The fewest bytes that a run can move: weights, caches and values, each once.
  package var leastBytes: Int { units.reduce(0) { $0 + $1.leastBytes } }
}

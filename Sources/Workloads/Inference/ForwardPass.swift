import Basics
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// A graph with the passes of inference, for one batch, and where its parameters come from.
package struct ForwardPass {
  package var graph: Graph
  /// The graph before the passes, which its checks evaluate; on bytes the quantized one, before any
  /// pass over what is left in floats.
  package var written: Graph
  package var weights: any WeightSource
  /// Items side by side.
  package var batch: Int
  /// Rows of the tables from which inputs pick, by their names.
  package var tables: [String: Int] = [:]

  /// Joins a graph to which no pass was applied yet, weights and a batch.
  package init(
    graph: Graph, weights: any WeightSource, batch: Int, tables: [String: Int] = [:]
  ) {
    (self.graph, written, self.weights) = (graph, graph, weights)
    (self.batch, self.tables) = (batch, tables)
  }

  /// Compiles it.
  ///
  /// - Parameters:
  ///   - pool: The threads that it runs on.
  ///   - bytesAllowWinograd: False leaves layers on bytes only direct multiplications.
  ///   - choose: The algorithm for a layer, by its shape for a group of items; that of layers on bytes
  ///     follows from the layer, and is the reference where that is chosen.
  /// - Returns: A program whose inputs are yet to be bound.
  /// - Throws: Weights that cannot be read, or a batch too large to count.
  package func program(
    pool: ThreadPool, bytesAllowWinograd: Bool = true,
    choose: (_ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) -> Program {
    try Program(
      graph, parameters: .frozen(weights), batch: batch, pool: pool,
      bytesAllowWinograd: bytesAllowWinograd
    ) { _, shape, _ in choose(shape) }
  }

  /// Compiles it with an engine's algorithms.
  ///
  /// - Parameters:
  ///   - pool: The threads that it runs on.
  ///   - engine: How layers are computed.
  ///   - tuning: What was measured to be fastest, for layers in float32; nil for the engine's rule.
  /// - Returns: A program whose inputs are yet to be bound.
  /// - Throws: Weights that cannot be read, or a batch too large to count.
  package func program(
    pool: ThreadPool, engine: Engine, tuning: TuningTable? = nil
  ) throws(Problem) -> Program {
    try program(pool: pool, bytesAllowWinograd: engine.allowsWinograd) { shape in
      engine.algorithm(for: shape, threads: pool.threads, tuning: tuning)
    }
  }

  /// What the outputs of its programs are held against.
  package var oracle: OutputOracle {
    OutputOracle(written: written, compiled: graph, weights: weights, batch: batch)
  }

  /// Refuses what does not fit in memory, before anything is allocated.
  ///
  /// - Parameters:
  ///   - subject: What asks for it, for the sentence.
  ///   - threads: Threads that it runs on.
  ///   - remedy: What to do about it.
  /// - Throws: `malformed`, with the size that it would need.
  package func refuseIfTooLarge(
    for subject: String, threads: Int, remedy: String
  ) throws(Problem) {
    try MemoryEstimate.inference(graph, batch: batch, threads: threads)
      .refuseIfTooLarge(for: subject, remedy: remedy)
  }
}

/// What inference computes: a network of ours with its weights, or a model of a file.
package protocol InferenceSubject {
  /// The subject of its cases.
  var name: String { get }
  /// What a batch has several of.
  var item: WorkItem { get }
  /// The weight file's own name, or `seeded`: a record holds no path.
  var weightsName: String { get }
  /// The batch of a check alone, the smallest that there is.
  var smallestBatch: Int { get }

  /// The batch of the oracle of a larger one: the smallest where items do not touch one another.
  func oracleBatch(of batch: Int) -> Int

  /// What the last item of a batch is compared with.
  ///
  /// - Parameter batch: Items.
  /// - Returns: A pass for `oracleBatch` of them.
  /// - Throws: What `forwardPass` throws.
  func oracle(of batch: Int) throws(Problem) -> InferenceOracle

  /// The same before any pass over its graph.
  ///
  /// - Parameter batch: Items.
  /// - Returns: The graph as it is written.
  /// - Throws: A batch other than the one that a file fixes, or what of it is not supported.
  func writtenPass(batch: Int) throws(Problem) -> ForwardPass

  /// The pass over so many items.
  ///
  /// - Parameter batch: Items.
  /// - Returns: What `ForwardPass.program` compiles.
  /// - Throws: A batch other than the one that a file fixes, or what of it is not supported.
  func forwardPass(batch: Int) throws(Problem) -> ForwardPass

  /// What a record tells of a program of it, beside batch and threads.
  func parameters(of program: Program) -> [String: JSONValue]
}

/// A network of ours with its weights, for images of one size or sequences of one length.
package struct SizedModel: InferenceSubject {
  /// The network and its weights.
  package let model: Model
  /// Side of an image, or tokens of a sequence.
  package let inputSize: Int

  /// Names a size that the network can take.
  package init(_ model: Model, inputSize: Int) { (self.model, self.inputSize) = (model, inputSize) }

  package var name: String { model.network.name }
  package var item: WorkItem { model.network.workItem }
  package var weightsName: String { model.weightsName }
  package var smallestBatch: Int { 1 }
  package func oracleBatch(of batch: Int) -> Int { 1 }

  package func writtenPass(batch: Int) -> ForwardPass {
    ForwardPass(
      graph: model.network.graph(inputSize: inputSize), weights: model.weights, batch: batch,
      tables: model.network.item == .sequence ? tables : [:])
  }

  package func forwardPass(batch: Int) -> ForwardPass {
    var pass = writtenPass(batch: batch)
    pass.graph = model.network.inferenceGraph(inputSize: inputSize)
    return pass
  }

  package func parameters(of program: Program) -> [String: JSONValue] {
    guard model.network.item != .sequence else {
      let tokens = JSONValue.number(Double(inputSize))
      return ["network": .string(name), "sequence": tokens, "tokens_per_item": tokens]
    }
    return [
      "network": .string(name), "input_size": .number(Double(inputSize)),
      "classes": .number(Double(program.classes)),
    ]
  }
}

extension ModelOfFile: InferenceSubject {
  package var item: WorkItem {
    WorkItem(readsImages ? "image" : tokens == nil ? "item" : "sequence")
  }
  package var weightsName: String { fileName }
  package var smallestBatch: Int { fixedBatch ?? 1 }
  package func oracleBatch(of batch: Int) -> Int { keepsItemsApart ? smallestBatch : batch }

  /// What to do where it does not fit in memory, by the options that it has.
  var memoryRemedy: String {
    let options = [fixedBatch == nil ? "--batch-size" : nil, sequence == nil ? nil : "--sequence"]
      .compactMap(\.self)
    return options.isEmpty
      ? "export the model for smaller inputs."
      : "give a smaller \(options.joined(separator: " or "))."
  }

  package func forwardPass(batch: Int) throws(Problem) -> ForwardPass {
    var pass = try writtenPass(batch: batch)
    pass.graph = try pass.graph.withoutDropout().foldingNorms().fusingEpilogues()
    return pass
  }

  package func writtenPass(batch: Int) throws(Problem) -> ForwardPass {
    let imported = try imported(batch: batch)
    return ForwardPass(
      graph: imported.graph, weights: imported.weights, batch: imported.batch,
      tables: Dictionary(
        imported.inputs.compactMap { port in port.tableRows.map { (port.name, $0) } },
        uniquingKeysWith: { first, _ in first }))
  }

  package func parameters(of program: Program) -> [String: JSONValue] {
    var result: [String: JSONValue] = [
      "network": .string(name), "model": .string(fileName), "description": .string(summary),
    ]
    if let sequence { result["sequence"] = .number(Double(sequence)) }
    if let tokens { result["tokens_per_item"] = .number(Double(tokens)) }
    return result
  }
}

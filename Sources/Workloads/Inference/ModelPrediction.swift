import Basics
import Harness
import Interchange
import Kernels
import Programs

/// The outputs of a model of a file, or of a network, for arrays, a batch at a time.
package struct ModelPrediction {
  package let model: any ArraySubject
  /// What computes its outputs: the model, or the same on bytes.
  package var subject: any InferenceSubject
  /// What it is given.
  package let inputs: InputArrays
  /// Items of one run at most.
  package let batch: Int
  private let allowsNonFinite: Bool

  /// Checks that a batch of the items fits in memory.
  ///
  /// - Parameters:
  ///   - model: What computes.
  ///   - inputs: What it is given.
  ///   - batchSize: Items of one run at most; what the model fixes stands before it, and a model
  ///     whose outputs have no part for each item is given all of them at once.
  ///   - threads: Threads that it runs on.
  ///   - allowsNonFinite: Whether NaN and infinities are answers.
  /// - Throws: Too large a batch, or more items than a model whose batch is fixed can join.
  package init(
    _ model: any ArraySubject, _ inputs: InputArrays, batchSize: Int, threads: Int,
    allowsNonFinite: Bool = false
  ) throws(Problem) {
    (self.model, self.inputs, self.allowsNonFinite) = (model, inputs, allowsNonFinite)
    subject = model
    let keepsItemsApart = model.keepsItemsApart
    let most = keepsItemsApart ? min(batchSize, inputs.count) : inputs.count
    batch = model.fixedBatch ?? most
    guard keepsItemsApart || inputs.count == batch else {
      throw Problem(
        .malformed,
        "\(model.title) gives one answer for all of its \(batch) items, not one for each of "
          + "\(inputs.count); give it as many as it takes")
    }
    try model.forwardPass(batch: batch).refuseIfTooLarge(
      for: "--batch-size \(batch)", threads: threads,
      remedy: batch > 1 ? "choose a smaller batch" : "free some memory")
  }

  /// Computes all outputs for all items in order.
  ///
  /// - Parameters:
  ///   - engine: How layers are computed.
  ///   - pool: The threads that it runs on.
  ///   - between: Called before every batch; what it throws ends the run.
  /// - Returns: The outputs, and whether any layer's algorithm transforms its data.
  /// - Throws: `wrongAnswer` for outputs that are not finite, and files that cannot be read.
  package func run(
    engine: Engine, pool: ThreadPool, between: () throws -> Void
  ) throws -> (outputs: [PredictedOutput], transformsData: Bool) {
    var outputs = try model.ports(batch: batch).outputs.map { port in
      PredictedOutput(
        name: port.name, element: port.element,
        dimensions: port.isBatched ? Array(port.lengths.dropFirst()) : port.lengths,
        isBatched: port.isBatched)
    }
    var program: (program: Program, block: InputBlock)?
    for start in stride(from: 0, to: inputs.count, by: batch) {
      try between()
      let items = start..<min(start + batch, inputs.count)
      if program?.program.batch != items.count {
        program = nil
        let pass = try subject.forwardPass(batch: items.count)
        let made = try pass.program(pool: pool, engine: engine)
        program = (made, InputBlock(for: made, tables: pass.tables))
      }
      guard let (program, block) = program else { continue }
      try inputs.read(items, into: block)
      block.bindLast(to: program)
      program.run()
      for index in outputs.indices { outputs[index].append(from: program, index) }
    }
    for output in outputs where !allowsNonFinite {
      if let bad = output.values.firstIndex(where: { !$0.isFinite }) {
        throw Problem(
          .wrongAnswer,
          "\(output.name) of \(model.item.name) \(bad / output.width) are not finite; check that "
            + "weights and input belong together.")
      }
    }
    return (outputs, program?.program.transformsData ?? false)
  }
}

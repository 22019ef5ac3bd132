import Basics
import Formats
import Interchange
import Kernels
import Programs

/// One output for all items, as a file has it.
package struct PredictedOutput {
  /// The output's name.
  package var name: String
  /// Lengths of one item's part.
  package var dimensions: [Int]
  /// Item after item.
  package var values: [Float] = []

  /// Starts with no item.
  package init(name: String, dimensions: [Int]) {
    (self.name, self.dimensions) = (name, dimensions)
  }

  /// Floats of one item.
  package var width: Int { dimensions.reduce(1, *) }
  /// With the items outermost.
  package var tensor: Tensor {
    Tensor(shape: [values.count / max(width, 1)] + dimensions, values: values)
  }
}

/// The outputs of a model of a file for arrays, a batch at a time.
package struct ModelPrediction {
  /// The model.
  package let model: ModelOfFile
  /// What it is given.
  package let inputs: InputArrays
  /// Items of one run at most.
  package let batch: Int

  /// Checks that a batch of the items fits in memory.
  ///
  /// - Parameters:
  ///   - model: What computes.
  ///   - inputs: What it is given.
  ///   - batchSize: Items of one run at most; what the model fixes stands before it.
  ///   - threads: Threads that it runs on.
  /// - Throws: Too large a batch, and outputs that are no floats or no batch.
  package init(
    _ model: ModelOfFile, _ inputs: InputArrays, batchSize: Int, threads: Int
  ) throws(Problem) {
    (self.model, self.inputs) = (model, inputs)
    batch = model.fixedBatch ?? min(batchSize, inputs.count)
    for port in try model.imported(batch: nil).outputs {
      guard port.element == .f32, port.isBatched else {
        throw Problem(
          .malformed,
          "\(model.fileName): output \(port.name) of \(port.element.rawValue) "
            + "\(port.lengths) is not written; supported are floats, a part for each item")
      }
    }
    try model.forwardPass(batch: batch).refuseIfTooLarge(
      for: "--batch-size \(batch)", threads: threads, remedy: "choose a smaller batch")
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
    var outputs = try model.imported(batch: nil).outputs.map {
      PredictedOutput(name: $0.name, dimensions: Array($0.lengths.dropFirst()))
    }
    var program: (program: Program, block: InputBlock)?
    for start in stride(from: 0, to: inputs.count, by: batch) {
      try between()
      let items = start..<min(start + batch, inputs.count)
      if program?.program.batch != items.count {
        program = nil
        let made = try model.forwardPass(batch: items.count).program(pool: pool) {
          engine.algorithm(for: $0)
        }
        program = (made, InputBlock(for: made))
      }
      guard let (program, block) = program else { continue }
      try inputs.read(items, into: block)
      block.bindLast(to: program)
      program.run()
      for index in outputs.indices { outputs[index].values += program.values(index) }
    }
    for output in outputs {
      if let bad = output.values.firstIndex(where: { !$0.isFinite }) {
        throw Problem(
          .wrongAnswer,
          "\(output.name) of item \(bad / output.width) are not finite; check that the model and "
            + "its input belong together.")
      }
    }
    return (outputs, program?.program.transformsData ?? false)
  }
}

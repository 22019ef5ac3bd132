import Basics
import Harness
import Kernels
import Models
import Programs
import Training

/// The right answers of a subject to given items, and of lower precision beside float32.
package struct AccuracyEvaluation {
  /// What is evaluated.
  package var subject: any InferenceSubject
  /// The same in float32; nil where that is what is evaluated, or where nobody has it.
  package var float: (any InferenceSubject)?
  /// Items with labels.
  package var items: GivenItems
  /// Path of their labels.
  package var labels: String
  /// How layers of floats are computed.
  package var engine: Engine
  /// Threads that it runs on.
  package var threads: Int

  /// Names all.
  package init(
    _ subject: any InferenceSubject, beside float: (any InferenceSubject)?, on items: GivenItems,
    labels: String, engine: Engine, threads: Int
  ) {
    (self.subject, self.float, self.items) = (subject, float, items)
    (self.labels, self.engine, self.threads) = (labels, engine, threads)
  }

  /// Computes all answers, a batch at a time.
  ///
  /// - Parameter between: Called before every batch with the share that is done; what it throws ends
  ///   it.
  /// - Returns: What a record has of it.
  /// - Throws: Labels that do not fit, and files that cannot be read.
  package func accuracy(
    between: (_ share: Double) throws -> Void = { _ in }
  ) throws -> CaseRecord.Accuracy {
    let pool = ThreadPool(threads: threads)
    let batch = subject.smallestBatch == 1 ? min(16, items.count) : subject.smallestBatch
    var (own, other): (Runner?, Runner?) = (nil, nil)
    var (accuracy, comparison) = (Accuracy(), LogitComparison())
    var classes: [Int32] = []
    for start in stride(from: 0, to: items.count - items.count % subject.smallestBatch, by: batch) {
      try between(Double(start) / Double(items.count))
      let range = start..<min(start + batch, items.count)
      if own?.program.batch != range.count {
        (own, other) = (nil, nil)
        own = try Runner(subject, batch: range.count, pool, engine)
        other = try float.map { try Runner($0, batch: range.count, pool, engine) }
      }
      guard let own else { continue }
      if classes.isEmpty {
        classes = try LabelFile.read(
          path: labels, count: items.count, classes: own.program.width(0))
      }
      let logits = try own.logits(items, range)
      let right = Array(classes[range])
      if let other {
        comparison.count(
          logits, beside: try other.logits(items, range), count: range.count, labels: right)
      } else {
        accuracy.count(logits, right)
      }
    }
    let counted = float == nil ? accuracy : comparison.own
    return CaseRecord.Accuracy(
      status: "evaluated", top1: counted.top1Share, top5: counted.top5Share,
      againstF32: float == nil ? nil : comparison.record)
  }

  /// A program and what it reads.
  private struct Runner {
    let program: Program
    let block: InputBlock

    init(
      _ subject: any InferenceSubject, batch: Int, _ pool: ThreadPool, _ engine: Engine
    ) throws(Problem) {
      let pass = try subject.forwardPass(batch: batch)
      program = try pass.program(pool: pool) { engine.algorithm(for: $0) }
      block = InputBlock(for: program, tables: pass.tables)
      block.bindLast(to: program)
    }

    func logits(_ items: GivenItems, _ range: Range<Int>) throws(Problem) -> [Float] {
      try items.read(range, into: block)
      program.run()
      return program.numbers(0)
    }
  }
}

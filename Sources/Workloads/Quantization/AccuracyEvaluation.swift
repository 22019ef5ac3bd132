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
  /// Their labels.
  package var labels: Labels
  /// How layers of floats are computed.
  package var engine: Engine
  /// Threads that it runs on.
  package var threads: Int

  /// Where labels are.
  package enum Labels {
    /// In a `.npy` file of this path.
    case file(String)
    /// Here, one an item.
    case known([Int32])
  }

  /// Names all.
  package init(
    _ subject: any InferenceSubject, beside float: (any InferenceSubject)?, on items: GivenItems,
    labels: Labels, engine: Engine, threads: Int
  ) {
    (self.subject, self.float, self.items) = (subject, float, items)
    (self.labels, self.engine, self.threads) = (labels, engine, threads)
  }

  /// Computes all answers, a batch at a time.
  ///
  /// - Parameter between: Called before every batch with the share that is done; what it throws ends
  ///   it.
  /// - Returns: What a record has of it; of weights that were made from a seed, which are right by
  ///   chance alone, how both precisions agree, and no shares of right answers.
  /// - Throws: Labels that do not fit, and files that cannot be read.
  package func accuracy(
    between: (_ share: Double) throws -> Void = { _ in }
  ) throws -> CaseRecord.Accuracy {
    let pool = ThreadPool(threads: threads)
    let batch = subject.smallestBatch == 1 ? min(16, items.count) : subject.smallestBatch
    let isSeeded = subject.hasSeededWeights
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
      if classes.isEmpty { classes = try read(classes: own.program.width(0)) }
      let logits = try own.logits(items, range)
      let right = Array(classes[range])
      if let other {
        comparison.count(
          logits, beside: try other.logits(items, range), count: range.count,
          labels: isSeeded ? nil : right)
      } else {
        accuracy.count(logits, right)
      }
    }
    let against = float == nil ? nil : comparison.record
    guard !isSeeded else {
      return CaseRecord.Accuracy(
        status: "not evaluated", reason: "the weights were made from a seed", againstF32: against)
    }
    let counted = float == nil ? accuracy : comparison.own
    return CaseRecord.Accuracy(
      status: "evaluated", top1: counted.top1Share, top5: counted.top5Share, againstF32: against)
  }

  private func read(classes: Int) throws(Problem) -> [Int32] {
    switch labels {
    case .file(let path):
      return try LabelFile.read(path: path, count: items.count, classes: classes)
    case .known(let labels):
      guard let most = labels.max(), Int(most) < classes else {
        throw Problem(
          .usage,
          "\(subject.name) has \(classes) classes, and labels of the data set go to "
            + "\(labels.max() ?? 0).")
      }
      return labels
    }
  }

  /// A program and what it reads.
  private struct Runner {
    let program: Program
    let block: InputBlock

    init(
      _ subject: any InferenceSubject, batch: Int, _ pool: ThreadPool, _ engine: Engine
    ) throws(Problem) {
      let pass = try subject.forwardPass(batch: batch)
      program = try pass.program(pool: pool, engine: engine)
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

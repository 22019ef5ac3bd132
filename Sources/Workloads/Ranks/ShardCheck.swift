import Basics
import Harness
import Kernels
import Models
import Programs
import Ranks

/// Steps of all ranks at batch 2 and a small size, against one process that takes their shards in turn;
/// made on every rank.
///
/// Ranks that add in one order come to its bits in two steps. Where they differ in threads, instruction
/// set or caches, their sums are rounded in several ways, and a rounding can flip a ReLU: then it is
/// one step in float32, within 5 % of the largest change, as in `StepCheck`. Where the library of MPI
/// adds in an order of its own, the bound is 1e-4 of the changes.
struct ShardCheck {
  /// How far weights lie from those of one process, and how far they may.
  struct Outcome {
    var error = 0.0
    /// Nil where nothing was compared.
    var bound: Double?

    /// Whether the sums are right, as far as they were compared.
    var isRight: Bool { bound.map { error <= $0 } ?? true }
    /// For the record.
    var kind: CaseRecord.AllReduce.Check {
      guard let bound else { return .notCompared }
      return bound == 0 ? .bits : .tolerance
    }
  }

  /// Ranks up to which one process repeats their step: it holds the gradients of each.
  static let mostRanks = 8

  /// Images of a shard.
  private static let batch = 2

  private let setup: RankedStepSetup
  private var group: RankGroup { setup.group }

  /// Says what is checked.
  init(_ setup: RankedStepSetup) { self.setup = setup }

  /// What it takes in memory beside the step that is timed, and so does `StepCheck` at most.
  ///
  /// - Parameters:
  ///   - network: Of the step.
  ///   - precision: What its layers multiply.
  ///   - threads: That it runs on.
  ///   - ranks: Of the job.
  /// - Returns: Of one rank.
  static func memory(
    _ network: Network, precision: TrainingPrecision, threads: Int, ranks: Int
  ) -> MemoryEstimate {
    MemoryEstimate.shardCheck(
      network, batch: batch, inputSize: network.checkTrainingSize, precision: precision,
      threads: threads, shards: ranks <= mostRanks ? ranks : 1)
  }

  /// Takes the steps and compares them.
  ///
  /// - Returns: Of this rank; nothing is compared where there are more than `mostRanks`.
  /// - Throws: Where another rank hangs or has gone.
  func run() throws -> Outcome {
    guard group.count <= Self.mostRanks else { return Outcome() }
    let areAlike = try group.dissenters(FNV1a.hash(arithmetic), "how the ranks compute").isEmpty
    guard areAlike else {
      return Outcome(error: try difference(afterSteps: 1, .f32), bound: 5e-2)
    }
    // The last bits of a sum decide how weights are rounded to bfloat16 for the next step.
    let addsElsewhere = setup.settings.algorithm == .library
    let steps = setup.precision == .bf16 && addsElsewhere ? 1 : 2
    return Outcome(
      error: try difference(afterSteps: steps, setup.precision), bound: addsElsewhere ? 1e-4 : 0)
  }

  /// All that decides on the order in which this rank adds.
  private var arithmetic: String {
    let library = setup.engine == .openblas ? LoadedLibrary.cblas : nil
    return "\(setup.pool.threads) \(ContextReader.march) \(CacheSizes.current) "
      + String(describing: library)
  }

  /// How far the weights of some steps of all ranks lie from those of one process, of the largest
  /// change.
  private func difference(
    afterSteps steps: Int, _ precision: TrainingPrecision
  ) throws -> Double {
    var setup = setup
    setup.precision = precision
    let size = setup.model.network.checkTrainingSize
    let (own, sums) = try setup.ownStep(batch: Self.batch, inputSize: size)
    let whole = ShardedStep(try setup.step(batch: Self.batch, inputSize: size))
    let before = Array(own.state.elements)
    let shards = (0..<group.count).map { setup.inputs(of: $0, for: own) }
    let mine = shards[group.rank]
    for _ in 0..<steps {
      own.run(mine.images.pointer, labels: mine.labels, optimizer: TrainWorkload.optimizer)
      if let fault = sums.fault { throw fault }
    }
    for _ in 0..<steps {
      for (shard, inputs) in shards.enumerated() {
        _ = whole.differentiate(shard, inputs.images.pointer, labels: inputs.labels)
      }
      whole.update(TrainWorkload.optimizer)
    }
    if zip(own.state.elements, whole.step.state.elements).allSatisfy({
      $0.bitPattern == $1.bitPattern
    }) {
      return 0
    }
    let error = RelativeError.between(
      zip(own.state.elements, before).map { $0 - $1 },
      zip(whole.step.state.elements, before).map { $0 - $1 })
    // Bits that differ by next to nothing are other bits all the same.
    return max(error, .leastNonzeroMagnitude)
  }
}

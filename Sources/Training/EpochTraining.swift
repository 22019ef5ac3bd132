import Basics
import Kernels
import Models
import Programs

/// A training, epoch by epoch, that can stop and go on as if it never had: on a data set to an accuracy
/// (`DatasetTraining`) or on a text to a loss (`TextTraining`).
package protocol EpochTraining: AnyObject {
  associatedtype Recipe: EpochRecipe

  /// What tells how well its test is done.
  static var measure: TestMeasure { get }
  var network: Network { get }
  var recipe: Recipe { get }
  /// What layers of a step multiply; evaluations are float32.
  var precision: TrainingPrecision { get }
  /// Who has the shards of a step.
  var sharing: Sharing { get }
  /// What sums gradients over ranks; nil without them.
  var reduction: RankReduction? { get }
  /// The step; its work is that of a shard.
  var program: Program { get }
  /// Parameters, moments and running statistics as they are now.
  var state: TrainingState { get }
  /// Of the epochs so far; whoever has one run adds it with its time.
  var history: [EpochResult] { get set }
  /// Steps of one epoch; what fills no batch waits for another epoch's order.
  var stepsPerEpoch: Int { get }
  /// Images or bytes that a step learns from, all shards together.
  var itemsPerStep: Int { get }

  /// Takes some steps of the epoch under way.
  ///
  /// - Parameters:
  ///   - steps: Within an epoch; they follow those of the call before.
  ///   - shouldStop: Asked before each step.
  /// - Returns: Mean cross-entropy over the steps, or nil when it was stopped.
  /// - Throws: Where another rank hangs or has gone.
  func run(steps: Range<Int>, shouldStop: () -> Bool) throws(Problem) -> Double?

  /// Evaluates what was not learned from.
  ///
  /// - Returns: The result, as `measure` has it.
  /// - Throws: What ranks find of one another: one that hangs, or other weights.
  func test() throws(Problem) -> Double

  /// Writes a checkpoint, which replaces one that is there.
  ///
  /// - Throws: `cannotWrite`; the checkpoint before stays as it was.
  func save(to path: String) throws

  /// Goes on from a checkpoint.
  ///
  /// - Throws: An absent or damaged file, or one of another network, recipe or text.
  func restore(from path: String) throws(Problem)
}

/// What a recipe of either kind says.
package protocol EpochRecipe: Sendable {
  associatedtype Rate: BinaryFloatingPoint

  /// Images or sequences of one step.
  var batch: Int { get }
  /// Passes over what is learned from; the learning rate's course depends on it.
  var epochs: Int { get }
  /// The largest learning rate.
  var peakRate: Rate { get }
  /// Of weights, order and all else that is drawn.
  var seed: UInt32 { get }
}

/// What tells how well the test of a training is done.
package enum TestMeasure: String, Sendable {
  /// The share of items whose label was the best guess, 0 to 1.
  case accuracy
  /// Mean cross-entropy, in nats an item.
  case loss

  /// Whether a result is at the target or better.
  package func reaches(_ target: Double, _ result: Double) -> Bool {
    switch self {
    case .accuracy: result >= target
    case .loss: result <= target
    }
  }

  /// The best of some results; nil for none.
  package func best(of results: [Double]) -> Double? {
    self == .accuracy ? results.max() : results.min()
  }
}

/// What an epoch left behind.
package struct EpochResult: Hashable, Sendable {
  /// Mean cross-entropy over the epoch's steps; of a text in nats a byte.
  package var loss: Double
  /// Of the test, as the training's measure has it.
  package var test: Double
  /// Seconds that the epoch took, evaluation included; set by who has a clock.
  package var seconds: Double
  /// Shards of a step's images; another number gives other bits.
  package var shards = 1
  /// Machines that its ranks ran on, all of which are paid for.
  package var machines = 1
}

/// The test's result at one moment of a training, and what training took until then.
package struct TrainingLook: Hashable, Sendable {
  /// Training steps taken.
  package var steps: Int
  /// Images or bytes learned from, repeated ones counted again.
  package var items: Int
  /// Work of the training steps in direct operations; evaluations are not counted.
  package var work: FLOPs
  /// Mean cross-entropy over the steps since the look before.
  package var loss: Double
  /// Of the test, as the training's measure has it.
  package var test: Double
}

extension EpochTraining {
  package var epoch: Int { history.count }

  /// Work of the training steps so far, in direct operations.
  package var trainingFLOPs: FLOPs { directFLOPs(ofSteps: epoch * stepsPerEpoch) }

  /// Work of so many training steps, in direct operations; evaluations are not training.
  package func directFLOPs(ofSteps steps: Int) -> FLOPs {
    Double(steps * sharing.shards) * program.directFLOPs
  }

  /// Whether an epoch's test was as good as a target or better.
  package func hasReached(_ target: Double) -> Bool {
    history.contains { Self.measure.reaches(target, $0.test) }
  }

  /// Trains one epoch and evaluates; the caller adds it to `history` with its time.
  ///
  /// - Parameter shouldStop: Asked before each step.
  /// - Returns: nil when it was stopped; the state is then that of a broken epoch.
  /// - Throws: What ranks find of one another: one that hangs, or other weights.
  package func runEpoch(shouldStop: () -> Bool) throws(Problem) -> EpochResult? {
    guard let loss = try run(steps: 0..<stepsPerEpoch, shouldStop: shouldStop) else { return nil }
    return result(loss: loss, test: try test())
  }

  private func result(loss: Double, test: Double) -> EpochResult {
    EpochResult(
      loss: loss, test: test, seconds: 0, shards: sharing.shards, machines: sharing.machines)
  }

  /// The most steps between two evaluations where an epoch has so many of these.
  package func mostSteps(ofALookIn looksPerEpoch: Int) -> Int {
    (stepsPerEpoch + looksPerEpoch - 1) / looksPerEpoch
  }

  /// Trains until the test is done well enough, or the recipe's epochs are over.
  ///
  /// - Parameters:
  ///   - target: The result of the test to stop at.
  ///   - looksPerEpoch: Evaluations in an epoch, evenly spaced; what the answer is rounded up to.
  ///   - shouldStop: Asked before each step.
  ///   - note: Given every look.
  /// - Returns: The first look at the target or better, else the last; nil when it was stopped.
  /// - Throws: What ranks find of one another: one that hangs, or other weights.
  package func train(
    until target: Double, looksPerEpoch: Int, shouldStop: () -> Bool, note: (TrainingLook) -> Void
  ) throws(Problem) -> TrainingLook? {
    precondition(looksPerEpoch >= 1, "\(looksPerEpoch) looks an epoch")
    var last: TrainingLook?
    while epoch < recipe.epochs {
      var done = 0
      var (loss, result) = (0.0, 0.0)
      for look in 1...looksPerEpoch {
        let end = look * stepsPerEpoch / looksPerEpoch
        guard end > done else { continue }
        guard let mean = try run(steps: done..<end, shouldStop: shouldStop) else { return nil }
        (loss, result, done) = (mean, try test(), end)
        let steps = epoch * stepsPerEpoch + end
        let found = TrainingLook(
          steps: steps, items: steps * itemsPerStep, work: directFLOPs(ofSteps: steps),
          loss: loss, test: result)
        note(found)
        if Self.measure.reaches(target, result) || !loss.isFinite || !result.isFinite {
          return found
        }
        last = found
      }
      history.append(self.result(loss: loss, test: result))
    }
    return last
  }
}

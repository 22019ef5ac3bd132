import Basics
import Kernels

extension TextTraining {
  /// The loss at one moment of a training, and what training took until then.
  package struct Look: Hashable, Sendable {
    /// Training steps taken.
    package var steps: Int
    /// Bytes learned from, repeated ones counted again.
    package var bytes: Int
    /// Work of the training steps in direct operations; evaluations are not counted.
    package var work: FLOPs
    /// Mean cross-entropy over the steps since the look before, in nats a byte.
    package var loss: Double
    /// The same of the test.
    package var testLoss: Double
  }

  /// The most steps between two evaluations where an epoch has so many of these.
  package func mostSteps(ofALookIn looksPerEpoch: Int) -> Int {
    (stepsPerEpoch + looksPerEpoch - 1) / looksPerEpoch
  }

  /// Trains until the test is told well enough, or the recipe's epochs are over.
  ///
  /// - Parameters:
  ///   - target: The loss of the test to stop at, in nats a byte.
  ///   - looksPerEpoch: Evaluations in an epoch, evenly spaced; what the answer is rounded up to.
  ///   - shouldStop: Asked before each step.
  ///   - note: Given every look.
  /// - Returns: The first look at or below the target, else the last; nil when it was stopped.
  /// - Throws: Nothing, as no file is read.
  package func train(
    until target: Double, looksPerEpoch: Int, shouldStop: () -> Bool, note: (Look) -> Void
  ) throws(Problem) -> Look? {
    precondition(looksPerEpoch >= 1, "\(looksPerEpoch) looks an epoch")
    var last: Look?
    while epoch < recipe.epochs {
      var done = 0
      var (loss, testLoss) = (0.0, 0.0)
      for look in 1...looksPerEpoch {
        let end = look * stepsPerEpoch / looksPerEpoch
        guard end > done else { continue }
        guard let mean = run(steps: done..<end, shouldStop: shouldStop) else { return nil }
        (loss, testLoss, done) = (mean, try evaluate(), end)
        let steps = epoch * stepsPerEpoch + end
        let found = Look(
          steps: steps, bytes: steps * recipe.batch * recipe.tokens,
          work: directFLOPs(ofSteps: steps), loss: loss, testLoss: testLoss)
        note(found)
        if testLoss <= target || !loss.isFinite || !testLoss.isFinite { return found }
        last = found
      }
      history.append(EpochResult(loss: loss, testLoss: testLoss, seconds: 0))
    }
    return last
  }
}

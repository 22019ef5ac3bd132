import Basics
import Kernels

extension DatasetTraining {
  /// The accuracy at one moment of a training, and what training took until then.
  package struct Look: Hashable, Sendable {
    /// Training steps taken.
    package var steps: Int
    /// Training images seen, repeated ones counted again.
    package var images: Int
    /// Work of the training steps in direct operations; evaluations are not counted.
    package var work: FLOPs
    /// Mean cross-entropy over the steps since the look before.
    package var loss: Double
    /// Share of test images whose label was the best guess.
    package var accuracy: Double
  }

  /// The most steps between two evaluations where an epoch has so many of these.
  package func mostSteps(ofALookIn looksPerEpoch: Int) -> Int {
    (stepsPerEpoch + looksPerEpoch - 1) / looksPerEpoch
  }

  /// Trains until the test set is classified well enough, or the recipe's epochs are over.
  ///
  /// - Parameters:
  ///   - target: The accuracy to stop at.
  ///   - looksPerEpoch: Evaluations in an epoch, evenly spaced; what the answer is rounded up to.
  ///   - shouldStop: Asked before each step.
  ///   - note: Given every look.
  /// - Returns: The first look at or above the target, else the last; nil when it was stopped.
  /// - Throws: Nothing, as no file is read.
  package func train(
    until target: Double, looksPerEpoch: Int, shouldStop: () -> Bool, note: (Look) -> Void
  ) throws(Problem) -> Look? {
    precondition(looksPerEpoch >= 1, "\(looksPerEpoch) looks an epoch")
    var last: Look?
    while epoch < recipe.epochs {
      var done = 0
      var (loss, accuracy) = (0.0, 0.0)
      for look in 1...looksPerEpoch {
        let end = look * stepsPerEpoch / looksPerEpoch
        guard end > done else { continue }
        guard let mean = try run(steps: done..<end, shouldStop: shouldStop) else { return nil }
        (loss, accuracy, done) = (mean, try evaluate().top1Share, end)
        let steps = epoch * stepsPerEpoch + end
        let found = Look(
          steps: steps, images: steps * recipe.batch, work: directFLOPs(ofSteps: steps),
          loss: loss, accuracy: accuracy)
        note(found)
        if accuracy >= target || !loss.isFinite { return found }
        last = found
      }
      history.append(EpochResult(loss: loss, accuracy: accuracy, seconds: 0))
    }
    return last
  }
}

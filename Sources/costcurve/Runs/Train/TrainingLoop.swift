import Basics
import Formats
import Foundation
import Harness
import Training

/// A training on its way: epochs with a checkpoint each, until the last one or the target.
struct TrainingLoop<Subject: ReportedTraining> {
  let report: TrainingReport<Subject>
  /// Where results go; nil on a rank that writes none.
  let folder: TrainingFolder?
  /// This process as one of several ranks; nil alone.
  let ranked: RankedRun?
  let output: OutputOptions

  /// Puts the training where its checkpoint was written; one killed in its first epoch has none yet.
  ///
  /// - Throws: A damaged file, or one of another training.
  func resume() throws {
    guard let folder else { return }
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      return output.note(
        "costcurve: \(folder.checkpoint): no epoch was completed; starting with the first.")
    }
    try report.training.restore(from: folder.checkpoint)
  }

  /// Trains the epochs that are left.
  ///
  /// - Throws: The interruption, the last complete epoch being safe; numbers that are not finite.
  func train() throws {
    let training = report.training
    while training.epoch < training.recipe.epochs, !report.hasReached {
      var result: EpochResult?
      let time = try ContinuousClock().measure {
        result = try training.runEpoch { Interrupt.wasRequested }
      }
      guard var result else {
        if let folder {
          output.note(
            "\(training.epoch) of \(training.recipe.epochs) epochs are complete and saved in "
              + "\(folder.path)/; --resume goes on from there.")
        }
        throw Problem.interrupted
      }
      guard result.loss.isFinite, result.test.isFinite else {
        throw ranked.problem(
          .malformed,
          "the loss of epoch \(training.epoch + 1) is "
            + "\(result.loss.isFinite ? result.test : result.loss); choose a --learning-rate "
            + "below \(training.recipe.peakRate).")
      }
      result.seconds = time / .seconds(1)
      try Interrupt.saving {
        training.history.append(result)
        guard let folder else { return }
        try training.save(to: folder.checkpoint)
        try folder.writeCurve(report)
      }
      output.note(report.line)
    }
  }

  /// Writes and prints what the training has come to.
  ///
  /// - Parameter record: Where this rank leaves a record of its own, if it does.
  /// - Throws: What cannot be written; 1 when the target was not reached.
  func finish(record: String? = nil) throws {
    let (training, report) = (self.report.training, try self.report.completed())
    // A run that was killed between its last checkpoint and this line has no epoch left to do it.
    try Interrupt.saving {
      if let record {
        try AtomicFile.write(Data(RecordJSON.text(report.summary).utf8), to: record)
      }
      guard let folder else { return }
      try folder.writeCurve(report)
      try training.state.write(to: folder.weights)
      try output.emit(report.document(folder.path), json: report.summary, csv: report.csv)
    }
    if let target = report.target, !report.hasReached {
      throw ranked.problem(
        .malformed,
        "the \(Subject.measure.rawValue) \(target) was not reached in "
          + "\(Units.count(training.epoch, "epoch")); give more --epochs with --restart: the "
          + "learning rate's course is of all.")
    }
  }
}

import ArgumentParser
import Basics
import Models

/// What `costcurve train` refuses before it looks at any file.
extension TrainCommand {
  /// Refuses options that are about different things.
  ///
  /// - Throws: `ValidationError`, with what to leave out.
  func refuseContradictions() throws {
    let isRun = arrays.input != nil || dataset.dataset != nil || dataset.text != nil
    if explain || isRun { try price.refuseElectricityAlone() }
    if explain, isRun {
      throw ValidationError("--explain times a step; leave out --input, --dataset and --text.")
    }
    guard arrays.input == nil || dataset.text == nil else {
      throw ValidationError("--input and --text are two things to train on; choose one.")
    }
    guard
      dataset.text == nil
        || (network.weights == nil && network.classes == nil && network.inputSize == nil)
    else {
      throw ValidationError(
        "--text begins with fresh weights and tells bytes; leave out --weights, --classes and "
          + "--input-size.")
    }
    let isShared = (ranks.ranks ?? 1) > 1
    guard !isShared || (!explain && arrays.input == nil && dataset.text == nil) else {
      throw ValidationError(
        "--ranks times a step or trains on a data set; leave out --explain, --input and --text.")
    }
    guard ranks.shards == nil || dataset.dataset != nil else {
      throw ValidationError("--shards needs --dataset: it is for what a training ends with.")
    }
    guard !isShared || measure.waitForQuiet == nil else {
      throw ValidationError("--wait-for-quiet is for one process; leave it out with --ranks.")
    }
  }

  /// Refuses a network that does not learn as it is asked to.
  ///
  /// - Parameters:
  ///   - network: To take a step of, or to train on arrays or a data set.
  ///   - isShared: Whether ranks share the steps.
  /// - Throws: `usage`, with what can be trained so.
  func refuse(_ network: Network, isShared: Bool) throws(Problem) {
    try network.refuseTraining()
    if let sequence {
      guard network.item == .sequence else { throw network.refusal(ofSequence: true) }
      try network.refuse(inputSize: sequence)
    }
    if arrays.input != nil || dataset.dataset != nil { try network.refuseLabels() }
    if isShared { try network.refuseShards() }
  }
}

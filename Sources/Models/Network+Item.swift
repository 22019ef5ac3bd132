import Basics

extension Network {
  /// What a network is given a batch of.
  package enum Item: String, Sendable {
    /// Pixels, which are classified.
    case image
    /// Planes that tell what stands on a board, which are judged.
    case position
    /// Tokens of a text, each of which is answered.
    case sequence

    /// The word for several.
    package var plural: String { rawValue + "s" }
  }

  /// Whether another number of classes may be asked for; a game has the moves that it has.
  package var takesClasses: Bool { item == .image }

  /// Whether its answer is a class, which a label tells, and which it is trained by.
  package var readsLabels: Bool { item == .image }

  /// The side of images, or the tokens, that a check by plain loops takes: small, but enough for
  /// every window.
  package var checkInputSize: Int { min(max(64, minimumInputSize), maximumInputSize) }

  /// Whether images of a side, or sequences of a length, can be taken.
  package func takes(inputSize: Int) -> Bool {
    (minimumInputSize...maximumInputSize).contains(inputSize)
  }

  /// Refuses images of a side, or sequences of a length, that the network cannot take.
  ///
  /// - Parameter inputSize: Of a case or a command.
  /// - Throws: `usage`, with what it takes.
  package func refuse(inputSize: Int) throws(Problem) {
    guard !takes(inputSize: inputSize) else { return }
    guard item != .sequence else {
      throw Problem(
        .usage,
        "--sequence \(inputSize): \(name) takes sequences of \(minimumInputSize) to "
          + "\(maximumInputSize) tokens.")
    }
    throw Problem(
      .usage,
      minimumInputSize == maximumInputSize
        ? "--input-size \(inputSize): \(name) plays on a board of \(usualInputSize) x "
          + "\(usualInputSize); leave it out."
        : "--input-size \(inputSize): \(name) takes images of \(minimumInputSize) "
          + "to \(maximumInputSize) pixels a side.")
  }

  /// What is said where a size of images is given for sequences, or the other way round.
  ///
  /// - Parameter ofSequence: Whether `--sequence` was given.
  /// - Returns: `usage`.
  package func refusal(ofSequence: Bool) -> Problem {
    Problem(
      .usage,
      ofSequence
        ? "--sequence is for texts; \(name) takes \(item.plural), so leave it out."
        : "--input-size is for images; \(name) takes as many tokens as --sequence says.")
  }

  /// Refuses to train what has layers without a gradient.
  ///
  /// - Throws: `usage`, with the reason.
  package func refuseTraining() throws(Problem) {
    guard item == .sequence, training == nil else { return }
    throw Problem(
      .usage,
      "\(name) has layers that no gradient is computed of, so it is not trained; it runs in "
        + "'infer'.")
  }

  /// Refuses to train on images and labels what reads none.
  ///
  /// - Throws: `usage`, where there is no class that could be a label.
  package func refuseLabels() throws(Problem) {
    try refuseTraining()
    guard !readsLabels else { return }
    throw Problem(
      .usage,
      "\(name) learns from \(item.plural) and not from labels; 'train' draws them from a seed and "
        + "times a step, so leave images, labels and data sets out.")
  }

  /// Refuses to share the steps of what reads no labels among ranks: its losses are means over what one
  /// shard does not know.
  ///
  /// - Throws: `usage`, with what can be shared.
  package func refuseShards() throws(Problem) {
    try refuseTraining()
    guard !readsLabels else { return }
    throw Problem(
      .usage,
      "\(name) learns from \(item.plural), whose steps are not shared among ranks; --ranks takes a "
        + "network that classifies images, such as resnet50.")
  }

  /// Refuses a network with several outputs, where labels are given for one.
  package func requireOneHead() throws(Problem) {
    let names = outputs.map(\.name)
    guard names.count == 1 else {
      throw Problem(
        .usage,
        "\(name) has \(names.count) outputs, \(names.joined(separator: " and ")), but labels are "
          + "given for one; choose a network with one output.")
    }
  }
}

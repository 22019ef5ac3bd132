import Basics
import Ranks

/// What the ranks of a training tell one another beside its gradients.
extension DatasetTraining {
  /// Gives every rank the weights, momenta, running statistics and history of rank 0.
  ///
  /// So a checkpoint is read by one rank only, whose disk it lies on.
  ///
  /// - Throws: Where another rank hangs or has gone.
  package func takeStateOfRankZero() throws(Problem) {
    guard let group = sharing.group else { return }
    let what = "the state of rank 0"
    let epochs = Int(try group.broadcast(UInt64(history.count), what))
    let width = 5
    let numbers = UnsafeMutableBufferPointer<Double>.allocate(capacity: width * epochs)
    numbers.initialize(repeating: 0)
    if group.rank == 0 {
      for (index, epoch) in history.enumerated() {
        let own = [
          epoch.loss, epoch.test, epoch.seconds, Double(epoch.shards), Double(epoch.machines),
        ]
        for (place, number) in own.enumerated() { numbers[width * index + place] = number }
      }
    }
    try group.broadcast(UnsafeMutableRawBufferPointer(numbers), what)
    defer { numbers.deallocate() }
    history = (0..<epochs).map { index -> EpochResult in
      let own = Array(numbers[width * index..<width * (index + 1)])
      return EpochResult(
        loss: own[0], test: own[1], seconds: own[2], shards: Int(own[3]),
        machines: Int(own[4]))
    }
    for block in state.blocks { try group.broadcast(block, what) }
    step.stepCount = epoch * stepsPerEpoch
    step.program.packFilters()
  }

  /// Refuses ranks that are about to train something else than rank 0, or on other images.
  ///
  /// - Parameter settings: All that decides on the bits and is not the recipe's, in words.
  /// - Throws: `notComparable`, on every rank.
  package func refuseDifferentRanks(_ settings: String) throws(Problem) {
    guard let group = sharing.group else { return }
    var digest = FNV1a()
    digest.add("\(network.name) \(recipe) \(precision.rawValue) \(settings)")
    for set in [data.train, data.test] {
      for bytes in [set.pixels, set.labels] {
        digest.add("\(bytes.withUnsafeBytes { ContentDigest.of($0) })")
      }
    }
    let others = try group.dissenters(digest.value, "what the ranks are to train")
    guard !others.isEmpty else { return }
    throw group.together(
      .notComparable,
      "\(Self.names(others)) other options or other images than rank 0; start all ranks by one "
        + "command line, on machines that have the same files.")
  }

  /// Refuses weights that are not the same on all ranks.
  ///
  /// - Throws: `wrongAnswer`, on every rank.
  func refuseDifferentWeights() throws(Problem) {
    guard let group = sharing.group else { return }
    var digest = FNV1a()
    digest.add(state.elements)
    let others = try group.dissenters(digest.value, "the digests of the weights")
    guard !others.isEmpty else { return }
    throw group.together(
      .wrongAnswer,
      "after epoch \(epoch + 1) \(Self.names(others)) other weights than rank 0, so nothing of it "
        + "is kept; see that all machines run the same build, and test their memory.")
  }

  /// The losses of all shards, added in their order.
  func total(_ sums: [Double]) throws(Problem) -> Double {
    guard let group = sharing.group else { return sums.reduce(0, +) }
    return try group.gather([sums[group.rank]], "the losses").reduce(0) { $0 + $1[0] }
  }

  /// What all ranks have counted.
  func total(_ accuracy: Accuracy) throws(Problem) -> Accuracy {
    guard let group = sharing.group else { return accuracy }
    return Accuracy(sumOf: try group.gather(accuracy.counts, "the right guesses"))
  }

  /// `rank 1 has` or `ranks 1, 2 have`.
  private static func names(_ ranks: [Int]) -> String {
    let list = ranks.map(String.init).joined(separator: ", ")
    return ranks.count == 1 ? "rank \(list) has" : "ranks \(list) have"
  }
}

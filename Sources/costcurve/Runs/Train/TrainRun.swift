import Economics
import Harness
import Models
import Ranks
import Training
import Workloads

/// What `costcurve train` does, by one process or as one of several ranks.
extension TrainCommand {
  /// Trains on what the options name, or times a step.
  ///
  /// - Parameters:
  ///   - ranked: This process as one of several ranks; nil alone.
  ///   - output: Where the result goes.
  /// - Throws: Bad input with its exit code; what the training or the measurement throws.
  func run(ranked: RankedRun?, _ output: OutputOptions) throws {
    let subject = try ranked.together {
      if ranked.speaks { try output.refuseUnwritable() }
      let named = try network.naming(word)
      if dataset.text == nil {
        try refuse(try Network.named(named.name), isShared: ranked != nil)
        try precision.refuse(try named.resolvedEngine())
      }
      return named
    }
    if dataset.text != nil {
      return try dataset.runText(
        subject, arrays, sequence: sequence, threads: try threads.count(), seed: measure.seed,
        quietWait: try measure.quietWait(), price: try price.price(), output: output)
    }
    if arrays.input != nil || dataset.dataset != nil {
      output.waitForQuiet(try measure.quietWait())
    }
    if arrays.input != nil {
      return try arrays.run(
        subject, in: precision.training, threads: try threads.count(), seed: measure.seed,
        output: output)
    }
    let count = try threadCount(ranked)
    if let ranked { ranked.lines(threads: count).forEach { output.note($0) } }
    if dataset.dataset != nil {
      return try dataset.run(
        subject, arrays, in: precision.training, sharing: sharing(ranked), ranked: ranked,
        records: ranks.records, threads: count, seed: measure.seed,
        price: try ranked.together { try price.price() }, output: output)
    }
    try timeStep(of: subject, threads: count, ranked: ranked, output)
  }

  /// Times a step, or shows where its time goes.
  private func timeStep(
    of subject: NetworkOptions, threads: Int, ranked: RankedRun?, _ output: OutputOptions
  ) throws {
    let (request, note) = try ranked.together {
      let network = try subject.resolved()
      try network.refuseTraining(
        batch: try subject.batchSize, inputSize: subject.inputSize ?? network.usualInputSize)
      var options = subject.caseOptions(seed: measure.seed)
      if let sequence { options[.sequence] = String(sequence) }
      let request = CaseSuite.network(
        .train, name: network.name, batch: try subject.batchSize, threads: threads,
        engine: try subject.resolvedEngine(), options: options,
        precision: precision.training.inIDs)
      return (request, precision.training.note(network))
    }
    if let note { output.note("costcurve: \(note)") }
    if explain {
      return try output.explain(
        request, measure, seconds: 10, schema: "costcurve.training-profile")
    }
    let hourly = try ranked.together { try price.price() }
    guard let ranked else {
      return try Session(measure: measure, price: hourly, output: output).run([request])
    }
    try RankedSteps(ranked: ranked, options: ranks, measure: measure, output: output)
      .run(request, price: hourly)
  }

  /// Who has the shards of a step.
  private func sharing(_ ranked: RankedRun?) -> Sharing {
    if let ranked { return .ranks(ranked.group, ranks.settings) }
    let shards = ranks.shards ?? 1
    return shards == 1 ? .alone : .inTurn(shards)
  }

  /// The thread count of this process.
  ///
  /// Of ranks, unless it is given, as many for each as the one has that has fewest: its part of the
  /// CPUs that it shares with others. A step is as slow as its slowest rank, and ranks with other
  /// threads add in other orders.
  private func threadCount(_ ranked: RankedRun?) throws -> Int {
    guard let group = ranked?.group, threads.threads == nil else {
      return try ranked.together { try threads.count() }
    }
    let own = max(1, MachineReader.availableThreads / group.places.sharing(group.rank))
    return try group.gather([own], "the threads of all ranks").map { $0[0] }.min() ?? own
  }
}

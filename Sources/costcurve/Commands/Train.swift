import ArgumentParser
import Basics
import Economics
import Harness
import Models
import Ranks
import Training
import Workloads

/// `costcurve train`: one network's training step, exact steps on given arrays, or a real run; of the
/// last two, by one process or by the ranks of a job.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Time one network's training step; or train on your arrays, or on a data set.",
    discussion: """
      Example: costcurve train --network resnet50 --batch-size 16 --threads 2 --quick

      Example: costcurve train --network resnet50 --weights w.safetensors --input x.npy \
      --labels l.npy --steps 4 --format json

      Example: costcurve train --dataset fashion-mnist --network resnet20 --epochs 6

      Example: costcurve train --network resnet50 --batch-size 16 --explain

      Example: costcurve train --network bert-base --sequence 128 --batch-size 8 --quick

      Example: mpirun -np 2 costcurve train --ranks 2 --network resnet50 --batch-size 16
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkOptions
  @OptionGroup var arrays: TrainArrays
  @OptionGroup var dataset: TrainDataset
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var ranks: RankOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "Tokens of a sequence; the network's usual number unless given.")
  var sequence: Int?

  @Flag(help: "Show where a step's time goes, by layer and phase, and what limits it.")
  var explain = false

  func validate() throws {
    try (1...1 << 20).check("--sequence", sequence)
    if explain || arrays.input != nil || dataset.dataset != nil {
      try price.refuseElectricityAlone()
    }
    if explain, arrays.input != nil || dataset.dataset != nil {
      throw ValidationError("--explain times a step; leave out --input and --dataset.")
    }
    guard (ranks.ranks ?? 1) == 1 || (!explain && arrays.input == nil) else {
      throw ValidationError(
        "--ranks times a step or trains on a data set; leave out --explain and --input.")
    }
    guard ranks.shards == nil || dataset.dataset != nil else {
      throw ValidationError("--shards needs --dataset: it is for what a training ends with.")
    }
    guard (ranks.ranks ?? 1) == 1 || measure.waitForQuiet == nil else {
      throw ValidationError("--wait-for-quiet is for one process; leave it out with --ranks.")
    }
  }

  func run() throws {
    guard let group = try ranks.join() else { return try run(ranked: nil, output) }
    JobProcesses.are(group.places.processes(beside: group.rank))
    let ranked = RankedRun(group: group)
    var output = output
    // Rank 0 speaks for all.
    if !ranked.speaks { output.quiet = true }
    ranked.run { try run(ranked: ranked, output) }
  }

  private func run(ranked: RankedRun?, _ output: OutputOptions) throws {
    let subject = try ranked.together {
      if ranked.speaks { try output.refuseUnwritable() }
      let named = try network.naming(word)
      try refuse(try Network.named(named.name), isShared: ranked != nil)
      return named
    }
    if arrays.input != nil || dataset.dataset != nil {
      output.waitForQuiet(try measure.quietWait())
    }
    if arrays.input != nil {
      return try arrays.run(
        subject, threads: try threads.count(), seed: measure.seed, output: output)
    }
    let count = try ranked.together { try threads.count(of: ranked) }
    if let ranked { ranked.lines(threads: count).forEach { output.note($0) } }
    if dataset.dataset != nil {
      let machines = ranked?.group.places.machines ?? 1
      return try dataset.run(
        subject, arrays, sharing: sharing(ranked), ranked: ranked, records: ranks.records,
        threads: count, seed: measure.seed,
        price: try ranked.together { try price.price().times(machines) }, output: output)
    }
    let request = try ranked.together {
      var options = subject.caseOptions(seed: measure.seed)
      if let sequence { options[.sequence] = String(sequence) }
      return CaseSuite.network(
        .train, name: try subject.resolved().name, batch: try subject.batchSize, threads: count,
        engine: try subject.resolvedEngine(), options: options)
    }
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

  /// Refuses a network that does not learn as it is asked to.
  private func refuse(_ network: Network, isShared: Bool) throws(Problem) {
    try network.refuseTraining()
    if let sequence {
      guard network.item == .sequence else { throw network.refusal(ofSequence: true) }
      try network.refuse(inputSize: sequence)
    }
    if arrays.input != nil || dataset.dataset != nil { try network.refuseLabels() }
    if isShared { try network.refuseShards() }
  }

  /// Who has the shards of a step.
  private func sharing(_ ranked: RankedRun?) -> Sharing {
    if let ranked { return .ranks(ranked.group, ranks.settings) }
    let shards = ranks.shards ?? 1
    return shards == 1 ? .alone : .inTurn(shards)
  }
}

extension ThreadOptions {
  /// The thread count of this process; of a rank, unless it is given, its part of the CPUs that it
  /// shares with other ranks.
  fileprivate func count(of ranked: RankedRun?) throws -> Int {
    guard let group = ranked?.group, threads == nil else { return try count() }
    return max(1, MachineReader.availableThreads / group.places.sharing(group.rank))
  }
}

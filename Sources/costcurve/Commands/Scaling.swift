import ArgumentParser
import Basics
import Economics
import Harness
import Models
import Workloads

/// `costcurve scaling`: steps by growing numbers of ranks, beside what a model makes of the links.
struct ScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Time training steps on 1 to N ranks; predict rate and cost on many machines.",
    discussion: """
      Starts 'mpirun -np N costcurve train --ranks N' for each number of ranks, in turns, and compares \
      its steps with a model of one rank's step and the measured links.

      Example: costcurve scaling --ranks 1,2 --network resnet50 --batch-size 16 --threads 1

      Example: costcurve scaling --ranks 1,2,4 --launcher 'mpirun --host one,two,three,four'
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkOptions

  @Option(help: "Numbers of ranks, such as 1,2,4; 1 is always measured.")
  var ranks: NumberList

  @Flag(help: "Also measure strong scaling: the largest step's images divided among fewer ranks.")
  var strong = false

  @Option(help: "Command that starts the ranks, with its options; costcurve adds -np N.")
  var launcher = "mpirun"

  @Option(
    name: .customLong("link-gbit"),
    help: "Speed of the links between machines in Gbit/s, to predict many machines.")
  var linkGbit: Double?

  @Option(name: .customLong("link-us"), help: "Latency of these links, in microseconds.")
  var linkMicroseconds = 50.0

  @Option(
    name: .customLong("critical-batch"),
    help: "Critical batch size of network and data, from which extra epochs are computed.")
  var criticalBatch: Double?

  @Option(help: "How often each number of ranks is measured, in turns.")
  var processes = 3

  @Option(help: "Duration of each measurement, such as 8s.")
  var duration = "8s"

  @Option(help: "Fixes weights, images and the order of turns.")
  var seed: UInt64 = 1

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let refusal = ranks.refusal(of: "--ranks", in: 1...4096) { throw ValidationError(refusal) }
    guard ranks.numbers.contains(where: { $0 > 1 }) else {
      throw ValidationError("--ranks needs a number above 1, such as 1,2.")
    }
    try (0.001...10_000).check("--link-gbit", linkGbit)
    try (0.1...1e6).check("--link-us", linkMicroseconds)
    try (1...1e9).check("--critical-batch", criticalBatch)
    try (2...100).check("--processes", processes)
    try price.refuseElectricityAlone()
    do {
      _ = try Units.parseDuration(duration)
    } catch { throw ValidationError("--duration: \(error)") }
    guard !launcher.split(separator: " ").isEmpty else {
      throw ValidationError("--launcher needs a program, such as mpirun.")
    }
  }

  func run() throws {
    try output.refuseUnwritable()
    let published = try PublishedScaling.all()
    let named = try network.naming(word)
    let resolved = try named.resolved()
    try resolved.refuseShards()
    let count = try threadCount(ranks.numbers.max() ?? 1)
    let plan = try ScalingPlan(
      ranks: ranks.numbers, batch: try named.batchSize, threads: count,
      machineThreads: MachineReader.availableThreads, includesStrong: strong)
    var runs = try ScalingRuns(
      launcher: launcher, rounds: processes, note: output.note, step: step(named, resolved))
    try runs.measure(plan, seed: seed)
    let report = try ScalingReport(
      network: resolved.name, threads: count, plan: plan, runs: runs,
      link: linkGbit.map {
        ScalingModel.Link(
          bytesPerSecond: $0 * 1e9 / 8, latencySeconds: linkMicroseconds * 1e-6)
      },
      criticalBatch: criticalBatch, price: try price.price())
    try Interrupt.saving {
      try output.emit(report.document(beside: published), json: report, csv: report.csv)
    }
  }

  /// Threads of a rank: those that are left for each where all share this machine, unless given.
  private func threadCount(_ ranks: Int) throws -> Int {
    threads.threads == nil ? max(1, MachineReader.availableThreads / ranks) : try threads.count()
  }

  /// The command line of one rank's step but for its batch and threads.
  private func step(_ options: NetworkOptions, _ network: Network) throws -> [String] {
    var words = [
      "train", "--network", network.name, "--engine", try options.resolvedEngine().rawValue,
      "--seed", "\(seed)", "--processes", "1", "--duration", duration, "--no-save", "--quiet",
      "--format", "json",
    ]
    let more = options.caseOptions(seed: 1).sorted { $0.key.rawValue < $1.key.rawValue }
    for (key, value) in more { words += ["--\(key.rawValue)", value] }
    return words
  }
}

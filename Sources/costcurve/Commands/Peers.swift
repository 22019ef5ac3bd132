import Basics
import ArgumentParser
import Economics
import Foundation
import Harness
import Graphs
import Models
import Training
import Workloads

/// `costcurve peers`: the same work by the software that a user would otherwise pick.
struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "The same work by ONNX Runtime, OpenVINO and PyTorch, interleaved with ours.",
    discussion: """
      'make peers' installs them; 'make peers PYTORCH=1' adds PyTorch, which --train needs. A peer \
      that is missing is named and skipped. \
      Example: costcurve peers --network resnet50 --batch-size 1,16 --threads 2

      Example: costcurve peers --train --network resnet50 --batch-size 16,32
      """)

  @Option(help: "Network; see 'costcurve list networks'.")
  var network = "resnet50"

  @Flag(help: "Race training steps instead of inference; at all threads unless told.")
  var train = false

  @Option(
    name: .customLong("batch-size"),
    help:
      "Images handled together; several with commas. 1,16 unless given; with --train 16, or 128 for small images."
  )
  var batchSizes: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "Only peers whose name matches this regular expression.")
  var only: String?

  @Option(help: "The Python that has the peers' packages.", completion: .file())
  var python = ".venv-peers/bin/python"

  @Option(
    name: .customLong("peers-folder"), help: "Where the peers' worker script is.",
    completion: .directory)
  var peersFolder = "Benchmarks/Peers"

  func run() throws {
    try output.refuseUnwritable()
    let network = try Network.named(network)
    try refuseForeign(network)
    let batches = try parsedBatches(network)
    let price = try price.price()
    let cancel = CancelFlag()
    Interrupt.onRequest { cancel.cancel() }
    let threads = train ? [try threads.count()] : try threads.ladder()
    let peers = try installed()
    guard !peers.isEmpty else {
      throw Problem(
        .absent, "no peer is installed; run 'make peers', or name a Python with --python.")
    }
    // Before the first race: a finished one must not be lost to a worker that does not start.
    let own = try GreetedWorker(Self.own)
    let record = try Interrupt.saving {
      try race(network, batches: batches, threads: threads, peers: peers, own, cancel, price)
    }
    if cancel.isCancelled { throw Problem.interrupted }
    if record.cases.contains(where: \.isWrong) { throw Problem(.wrongAnswer) }
  }

  /// All races, and their record where the user wants it, also after an interruption.
  private func race(
    _ network: Network, batches: [Int], threads: [Int], peers: [String], _ own: GreetedWorker,
    _ cancel: CancelFlag, _ price: Price
  ) throws -> ResultRecord {
    let preset = try measure.preset()
    let wait = try measure.quietWait()
    let noise = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    var cases: [CaseRecord] = []
    for batch in batches {
      for count in threads where !cancel.isCancelled {
        output.note("\(network.name), batch \(batch), \(count) thread\(count == 1 ? "" : "s") …")
        output.waitForQuiet(wait)
        cases += try race(network, batch: batch, threads: count, peers: peers, cancel)
      }
    }
    var record = ResultRecord(
      context: own.context(noise: noise, seed: measure.seed), cases: cases, kind: .race,
      extent: .init(
        preset: preset.name, processes: preset.processes, interrupted: cancel.isCancelled))
    for name in Self.unset { record.context.environment[name] = nil }
    record.setPrice(price)
    record = record.withholdingTheImpossible()
    try output.emit(try Rendering.text(ofRace: record, as: output))
    return record
  }

  /// One race: our engines, the newest first, and every peer, in the same blocks.
  ///
  /// Some peers have a setting with several requests under way, so the newest has one with as many
  /// as threads, gathered into a larger batch; and so have peers that answer one at a time.
  /// Training has one engine of ours, so that its long steps leave more blocks to all.
  private func race(
    _ network: Network, batch: Int, threads: Int, peers: [String], _ cancel: CancelFlag
  ) throws -> [CaseRecord] {
    let folder = NSTemporaryDirectory() + "costcurve-peers-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var request = CaseSuite.network(
      train ? .train : .infer, name: network.name, batch: batch, threads: threads, engine: .native,
      options: network.isSmall ? [.classes: "\(FashionMNIST.classes)"] : [:])
    request.options = try files(folder, request, network, batch: batch, threads: threads).options
    request.repeat =
      "costcurve peers\(train ? " --train" : "") --network \(network.name) --batch-size \(batch) "
      + "--threads \(threads)"
    var engines = (train ? [.native] : Engine.generations.reversed()).map {
      Arm(name: $0.rawValue, launch: Self.own, engine: $0.rawValue)
    }
    if !train, threads > 1 {
      engines.append(
        Arm(
          name: Engine.native.gatheredArm, launch: Self.own, engine: Engine.native.rawValue,
          options: [CaseOptions.Key.requests.rawValue: "\(threads)"]))
    }
    let quick = measure.quick
    let seconds = train ? (quick ? 30.0 : 60) : (quick ? 20 : 30)
    let plan = Race.Plan(
      arms: engines
        + peers.filter { threads > 1 || !$0.hasSuffix(Engine.gatheredSuffix) }.map(peerArm),
      request: request,
      processes: try measure.preset().processes,
      blocks: 1000, seconds: try measure.durationSeconds() ?? seconds, seed: measure.seed)
    let runners = Race(plan, cancel: cancel).run()
    // What a foreign step executes is not known; what the textbook counts is the same for all.
    let direct =
      runners.compactMap { runner in
        runner.prepared.map { $0.flop.direct / Double($0.imagesPerCall ?? batch) }
      }.max() ?? 0
    return runners.map { runner in
      if let failure = runner.failure { output.note("costcurve: \(runner.arm.name): \(failure)") }
      return runner.record(
        request: request, directPerImage: direct, own: runner.ownCounterpart(among: runners))
    }
  }

  private func files(
    _ folder: String, _ request: CaseRequest, _ network: Network, batch: Int, threads: Int
  ) throws -> PeerFiles {
    guard train else {
      return try PeerFiles(
        folder: folder, network: network.name, batch: batch,
        seed: UInt32(truncatingIfNeeded: measure.seed), engine: .native, threads: threads)
    }
    var seeded = request
    if measure.seed != 1 { seeded.options[CaseOptions.Key.seed.rawValue] = "\(measure.seed)" }
    return try PeerFiles(folder: folder, training: seeded, catalogue: .here())
  }

  /// Refuses what peers cannot be held against: networks that torchvision lacks, random masks.
  private func refuseForeign(_ network: Network) throws {
    if train, network.uses(RandomDropout.self) {
      throw Problem(
        .usage,
        "--network \(network.name): its dropout draws other masks in each software, so no losses "
          + "could be compared; choose a residual network.")
    }
    if !train, network.isSmall {
      throw Problem(
        .usage, "--network \(network.name): its inference has no peers; give --train as well.")
    }
  }

  private func parsedBatches(_ network: Network) throws -> [Int] {
    let batchSizes = batchSizes ?? (!train ? "1,16" : network.isSmall ? "128" : "16")
    let batches = batchSizes.split(separator: ",").map { Int($0) }
    guard !batches.isEmpty, batches.allSatisfy({ $0.map { (1...65_536).contains($0) } ?? false })
    else {
      throw Problem(.usage, "--batch-size needs numbers above 0 with commas, not '\(batchSizes)'.")
    }
    return batches.compactMap(\.self)
  }

  private var script: String { peersFolder + "/worker.py" }

  /// Variables that no arm gets: all are told how many threads to use.
  private static let unset = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]

  private static let environment: [String: String?] = Dictionary(
    uniqueKeysWithValues: unset.map { ($0, nil) })

  /// Our own worker, without the variables.
  private static let own = WorkerLaunch(
    executable: WorkerLaunch.own.executable, environment: environment)

  private func peerArm(_ name: String) -> Arm {
    Arm(
      name: name,
      launch: WorkerLaunch(
        executable: python, arguments: [script] + (train ? ["--train"] : []),
        environment: Self.environment, isForeign: true),
      engine: name)
  }

  /// The peers whose packages this Python has; says which it lacks.
  private func installed() throws -> [String] {
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Problem(.absent, "there is no Python '\(python)'; run 'make peers' or give --python.")
    }
    guard FileManager.default.fileExists(atPath: script) else {
      throw Problem(
        .absent, "there is no '\(script)'; run in the project's folder or give --peers-folder.")
    }
    let expression = try only.map { text -> Regex<AnyRegexOutput> in
      do {
        return try Regex(text)
      } catch {
        throw Problem(.usage, "--only '\(text)' is not a regular expression: \(error)")
      }
    }
    let greeting = try GreetedWorker(peerArm("peers").launch).greeting
    return (greeting.libraries ?? []).compactMap { library in
      if let expression, !library.name.contains(expression) { return nil }
      guard library.configuration == "installed" else {
        output.note("\(library.name) is skipped: \(library.configuration).")
        return nil
      }
      return library.name
    }
  }
}

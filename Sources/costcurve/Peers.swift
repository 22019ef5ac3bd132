import ArgumentParser
import Economics
import Foundation
import Harness
import Networks
import Workloads

/// `costcurve peers`: the same work by the software that a user would otherwise pick.
struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "The same inference by ONNX Runtime, OpenVINO and PyTorch, interleaved with ours.",
    discussion: """
      'make peers' installs them. A peer that is missing is named and skipped. \
      Example: costcurve peers --network resnet50 --batch-size 1,16 --threads 2
      """)

  @Option(help: "Network; see 'costcurve list networks'.")
  var network = "resnet50"

  @Option(name: .customLong("batch-size"), help: "Images handled together; several with commas.")
  var batchSizes = "1,16"

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "Only peers whose name matches this regular expression.")
  var only: String?

  @Option(help: "The Python that has the peers' packages.")
  var python = ".venv-peers/bin/python"

  @Option(name: .customLong("peers-folder"), help: "Where the peers' worker script is.")
  var peersFolder = "Benchmarks/Peers"

  func run() throws {
    try output.refuseUnwritable()
    let network = try Network.named(network)
    let batches = try parsedBatches()
    let price = try price.price()
    let threads = try threads.ladder()
    let peers = try installed()
    guard !peers.isEmpty else {
      throw Failure(
        .absent, "no peer is installed; run 'make peers', or name a Python with --python.")
    }
    let noise = NoiseMeter()
    let cancel = CancelFlag()
    Interrupt.onRequest { cancel.cancel() }
    var record = ResultRecord(
      context: ContextReader.context(noise: noise, outcome: .init(), seed: measure.seed))
    for batch in batches {
      for count in threads where !cancel.isCancelled {
        output.note("\(network.name), batch \(batch), \(count) thread\(count == 1 ? "" : "s") …")
        record.cases += try race(network, batch: batch, threads: count, peers: peers, cancel)
      }
    }
    record.context = ContextReader.context(noise: noise, outcome: .init(), seed: measure.seed)
    record.context.libraries = [LoadedLibrary.openBLAS]
    record.setPrice(price)
    try output.emit(try Rendering.text(ofRace: record, as: output))
    if cancel.isCancelled { throw Failure.interrupted }
    if record.cases.contains(where: \.isWrong) { throw Failure(.wrongAnswer) }
  }

  /// One race: our engines, the newest first, and every peer, in the same blocks.
  private func race(
    _ network: Network, batch: Int, threads: Int, peers: [String], _ cancel: CancelFlag
  ) throws -> [CaseRecord] {
    let folder = NSTemporaryDirectory() + "costcurve-peers-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try PeerFiles(
      folder: folder, network: network.name, batch: batch,
      seed: UInt32(truncatingIfNeeded: measure.seed), engine: .native, threads: threads)
    var request = CaseSuite.network(
      .infer, name: network.name, batch: batch, threads: threads, engine: .native)
    request.options.merge(files.options) { _, new in new }
    request.repeat =
      "costcurve peers --network \(network.name) --batch-size \(batch) --threads \(threads)"
    let engines = Engine.generations.reversed().map {
      Arm(name: $0.rawValue, launch: .own, engine: $0.rawValue)
    }
    let quick = measure.quick
    let plan = Race.Plan(
      arms: engines + peers.map(peerArm), request: request,
      processes: measure.processes ?? (quick ? 1 : measure.rigorous ? 10 : 5),
      blocks: 1000, seconds: try measure.durationSeconds() ?? (quick ? 20 : 30), seed: measure.seed)
    let runners = Race(plan, cancel: cancel).run()
    let direct = network.macs(batch: 1, inputSize: network.usualInputSize).flops.count
    return runners.map { runner in
      if let failure = runner.failure { output.note("costcurve: \(runner.arm.name): \(failure)") }
      return runner.record(request: request, directPerImage: direct)
    }
  }

  private func parsedBatches() throws -> [Int] {
    let batches = batchSizes.split(separator: ",").map { Int($0) }
    guard !batches.isEmpty, batches.allSatisfy({ $0.map { (1...65_536).contains($0) } ?? false })
    else {
      throw Failure(.usage, "--batch-size needs numbers above 0 with commas, not '\(batchSizes)'.")
    }
    return batches.compactMap(\.self)
  }

  private var script: String { peersFolder + "/worker.py" }

  private func peerArm(_ name: String) -> Arm {
    // Set for the machine's OpenBLAS, these would bind the peers' libraries too.
    let unset = [
      "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
    ]
    return Arm(
      name: name,
      launch: WorkerLaunch(
        executable: python, arguments: [script],
        environment: Dictionary(uniqueKeysWithValues: unset.map { ($0, nil) }), isForeign: true),
      engine: name)
  }

  /// The peers whose packages this Python has; says which it lacks.
  private func installed() throws -> [String] {
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Failure(.absent, "there is no Python '\(python)'; run 'make peers' or give --python.")
    }
    guard FileManager.default.fileExists(atPath: script) else {
      throw Failure(
        .absent, "there is no '\(script)'; run in the project's folder or give --peers-folder.")
    }
    let expression = try only.map { text -> Regex<AnyRegexOutput> in
      do {
        return try Regex(text)
      } catch {
        throw Failure(.usage, "--only '\(text)' is not a regular expression: \(error)")
      }
    }
    let client = try WorkerClient(peerArm("peers").launch)
    defer { client.quit() }
    return (client.greeting.libraries ?? []).compactMap { library in
      if let expression, !library.name.contains(expression) { return nil }
      guard library.configuration == "installed" else {
        output.note("\(library.name) is skipped: \(library.configuration).")
        return nil
      }
      return library.name
    }
  }
}

import Economics
import Foundation
import Harness
import Models
import Reporter
import Workloads

/// The interleaved comparisons of `costcurve peers`: one at each batch size and thread count.
struct PeerRaces {
  var subject: WorkSubject
  /// Tokens of a sequence of a network; nil for the usual number.
  var tokens: Int?
  var isTraining: Bool
  var batches: [Int]
  var threads: [Int]
  var software: PeerSoftware
  /// Names of the peers that take part, at least one.
  var installed: [String]
  var price: Price
  var measure: MeasureOptions
  var output: OutputOptions
  var cancel: CancelFlag

  /// All comparisons, and their record where the user wants it, also after an interruption.
  func run() throws -> ResultRecord {
    // Before the first comparison: a finished one must not be lost to a worker that does not start.
    let own = try GreetedWorker(PeerSoftware.own)
    return try Interrupt.saving { try run(own) }
  }

  private func run(_ own: GreetedWorker) throws -> ResultRecord {
    let preset = try measure.preset()
    let wait = try measure.quietWait()
    let noise = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    var cases: [CaseRecord] = []
    let total = batches.count * threads.count
    var begun = 0
    for batch in batches {
      for count in threads where !cancel.isCancelled {
        begun += 1
        output.note(
          "\(subject.name), \(tokens.map { "\($0) tokens, " } ?? "")batch \(batch), "
            + "\(Units.count(count, "thread")): "
            + "comparison \(begun) of \(total) …")
        output.waitForQuiet(wait)
        cases += try race(batch: batch, threads: count)
      }
    }
    var record = ResultRecord(
      context: own.context(noise: noise, seed: measure.seed), cases: cases, kind: .race,
      extent: .init(
        preset: preset.name, processes: preset.processes, interrupted: cancel.isCancelled))
    for name in PeerSoftware.unset { record.context.environment[name] = nil }
    record.setPrice(price)
    record = record.withholdingTheImpossible()
    guard output.format == .text else {
      try output.emit(Report(record))
      return record
    }
    try output.emit(
      Document(race: record, onScreen: false), onScreen: Document(race: record, onScreen: true),
      json: record)
    return record
  }

  /// One comparison: our engines, the newest first, and every runtime, in the same blocks.
  ///
  /// Some runtimes have a setting with several in-flight requests, so the newest has one with as
  /// many as threads, dynamically batched; and so have runtimes that answer one at a time.
  /// Training has one engine of ours, so that its long steps leave more blocks to all.
  private func race(batch: Int, threads: Int) throws -> [CaseRecord] {
    let work = PeerWork(
      subject: subject, tokens: tokens, isTraining: isTraining, batch: batch, threads: threads,
      seed: measure.seed)
    let folder = try work.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let request = try work.request(in: folder, command: "costcurve peers")
    var engines = (isTraining ? [.native] : Engine.generations.reversed()).map {
      Arm(name: $0.rawValue, launch: PeerSoftware.own, engine: $0.rawValue)
    }
    if !isTraining, threads > 1, subject.fixedBatch == nil {
      engines.append(
        Arm(
          name: Engine.native.gatheredArm, launch: PeerSoftware.own, engine: Engine.native.rawValue,
          options: [CaseOptions.Key.requests.rawValue: "\(threads)"]))
    }
    let quick = measure.quick
    let seconds = isTraining ? (quick ? 30.0 : 60) : (quick ? 20 : 30)
    let peers = installed.filter { canRun($0, threads: threads) }
    let runners = Race(
      engines + peers.map(software.arm), request, processes: try measure.preset().processes,
      blocks: 1000, seconds: try measure.durationSeconds() ?? seconds, seed: measure.seed,
      cancel: cancel
    ).run()
    let direct = work.directPerImage(runners)
    let alike = runners.compactMap(\.prepared).first { $0.item != nil }
    return runners.map { runner in
      if let failure = runner.failure { output.note("costcurve: \(runner.arm.name): \(failure)") }
      return runner.record(
        request: request, directPerImage: direct, own: runner.ownCounterpart(among: runners),
        alike: alike)
    }
  }

  /// Whether a runtime has anything to run: several requests make another batch, and PyTorch has its
  /// networks from torchvision.
  private func canRun(_ peer: String, threads: Int) -> Bool {
    if peer.hasSuffix(Engine.gatheredSuffix), threads == 1 || subject.fixedBatch != nil {
      return false
    }
    return isTraining || subject.isInTorchvision || !peer.hasPrefix("pytorch")
  }
}

extension WorkSubject {
  /// Whether torchvision has a network of that name.
  var isInTorchvision: Bool {
    if case .network(let network) = self {
      network.item == .image && !network.isSmall
    } else {
      false
    }
  }
}

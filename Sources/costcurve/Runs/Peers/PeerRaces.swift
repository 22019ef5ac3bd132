import Basics
import Economics
import Foundation
import Harness
import Kernels
import Models
import Reporter
import Workloads

/// The interleaved comparisons of `costcurve peers`: one at each batch size and thread count.
struct PeerRaces {
  var subject: WorkSubject
  /// Tokens of a sequence of a network; nil for the usual number.
  var tokens: Int?
  var isTraining: Bool
  /// What layers multiply; nil for float32.
  var precision: CaseID.Precision?
  /// Arrays that the ranges of int8 are taken from; seeded ones for none.
  var calibration: [String]
  /// Bits of the weights of int8; nil for those that this build is fastest with.
  var weightBits: WeightBits?
  /// Who takes part in float32, too, beside another precision.
  var besideF32: FloatArms
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
    try refuseWithoutPeers()
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
            + Units.count(count, "thread") + (precision.map { ", \($0.rawValue)" } ?? "")
            + ": comparison \(begun) of \(total) …")
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
  private func race(batch: Int, threads: Int) throws -> [CaseRecord] {
    let work = PeerWork(
      subject: subject, tokens: tokens, isTraining: isTraining, batch: batch, threads: threads,
      seed: measure.seed, precision: precision, calibration: calibration, weightBits: weightBits,
      besideF32: besideF32, quiet: output.quiet)
    let folder = try work.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let prepared = try work.prepared(in: folder, command: "costcurve peers")
    let request = prepared.request
    let quick = measure.quick
    let seconds = isTraining ? (quick ? 30.0 : 60) : (quick ? 20 : 30)
    let peers = installed.filter { canRun($0, threads: threads) }
    let runners = Race(
      arms(threads: threads).all(peers, floatOptions: prepared.floatOptions), request,
      processes: try measure.preset().processes, blocks: 1000,
      seconds: try measure.durationSeconds() ?? seconds, seed: measure.seed, cancel: cancel,
      meter: EnergyMeter()
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

  private func arms(threads: Int) -> PeerArms {
    PeerArms(
      software: software, precision: precision, besideF32: besideF32, isTraining: isTraining,
      hasFixedBatch: subject.fixedBatch != nil, threads: threads)
  }

  /// Says which runtimes have nothing to compute in the precision, and refuses to go on with none.
  private func refuseWithoutPeers() throws {
    let arms = arms(threads: 1)
    let refused = installed.filter { arms.refusal(of: $0) != nil }
    for peer in refused {
      output.note("\(peer) is skipped: \(arms.refusal(of: peer) ?? "").")
    }
    guard refused.count < installed.count else {
      throw Problem(
        .absent,
        "none of the runtimes that are installed or chosen computes in "
          + "\(precision?.rawValue ?? "float32"); bf16 is for OpenVINO and PyTorch, int8 for ONNX "
          + "Runtime and OpenVINO.")
    }
  }

  /// Whether a runtime has anything to run: several requests make another batch, and PyTorch has its
  /// networks from torchvision.
  private func canRun(_ peer: String, threads: Int) -> Bool {
    // Texts have no channels that could be last.
    if isTraining, subject.item == WorkItem("sequence"), peer.hasSuffix("channels-last") {
      return false
    }
    if peer.hasSuffix(Engine.gatheredSuffix), threads == 1 || subject.fixedBatch != nil {
      return false
    }
    guard arms(threads: threads).refusal(of: peer) == nil else { return false }
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

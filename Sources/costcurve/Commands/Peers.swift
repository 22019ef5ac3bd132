import ArgumentParser
import Basics
import Economics
import Harness
import Workloads

/// `costcurve peers`: the same work by the software that a user would otherwise pick.
struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "Compare with ONNX Runtime, OpenVINO and PyTorch on the same work, interleaved.",
    discussion: """
      'make peers' installs them; 'make peers PYTORCH=1' adds PyTorch, which --train needs. What \
      is missing is named and skipped.

      Example: costcurve peers --network resnet50 --batch-size 1,16 --threads 2

      Example: costcurve peers --train --network resnet50 --batch-size 16,32

      Example: costcurve peers --network bert-base --sequence 384 --batch-size 1

      Example: costcurve peers --model yours.onnx --batch-size 1

      Example: costcurve peers --network resnet50 --precision int8 --batch-size 1

      Example: costcurve peers --versions --only '^onnxruntime' --format json -o versions.json
      """)

  @OptionGroup var peers: PeerOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let subject = try peers.subject()
    let price = try price.price()
    let cancel = Interrupt.cancelFlag()
    if peers.versions { return try compareReleases(of: subject, at: price, cancel) }
    let software = peers.software
    let races = PeerRaces(
      subject: subject, tokens: peers.tokens, isTraining: peers.train,
      precision: peers.precision.inIDs, calibration: peers.int8.calibration,
      weightBits: peers.int8.weightBits.bits, besideF32: peers.besideF32 ?? .own,
      batches: try peers.batches(for: subject),
      threads: peers.train ? [try threads.count()] : try threads.ladder(), software: software,
      installed: try software.installed(matching: peers.only, note: output.note), price: price,
      measure: measure, output: output, cancel: cancel)
    let record = try races.run()
    if cancel.isCancelled { throw Problem.interrupted }
    if record.cases.contains(where: \.isWrong) { throw Problem(.wrongAnswer) }
  }

  /// Dated releases; what an old one cannot do is told of it, and only our own wrong answer is a
  /// failure.
  private func compareReleases(
    of subject: WorkSubject, at price: Price, _ cancel: CancelFlag
  ) throws {
    let (batches, count) = (try peers.batches(for: subject), try threads.count())
    let environments = peers.releaseEnvironments
    let record = try VersionRaces(
      subject: subject, isTraining: peers.train, batches: batches, threads: count,
      environments: environments,
      releases: try environments.releases(matching: peers.only, note: output.note), price: price,
      measure: measure, output: output, cancel: cancel
    ).run()
    if cancel.isCancelled { throw Problem.interrupted }
    if record.cases.contains(where: { $0.isWrong && !$0.isForeign }) {
      throw Problem(.wrongAnswer)
    }
    guard record.cases.contains(where: { $0.isForeign && $0.validity.ok }) else {
      throw Problem(.absent, "no release could be measured; the reasons stand beside each.")
    }
  }
}

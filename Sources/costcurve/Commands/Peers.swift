import ArgumentParser
import Basics
import Harness

/// `costcurve peers`: the same work by the software that a user would otherwise pick.
struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "The same work by ONNX Runtime, OpenVINO and PyTorch, interleaved with ours.",
    discussion: """
      'make peers' installs them; 'make peers PYTORCH=1' adds PyTorch, which --train needs. What \
      is missing is named and skipped. \
      Example: costcurve peers --network resnet50 --batch-size 1,16 --threads 2

      Example: costcurve peers --train --network resnet50 --batch-size 16,32

      Example: costcurve peers --network bert-base --sequence 384 --batch-size 1

      Example: costcurve peers --model yours.onnx --batch-size 1
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
    let software = peers.software
    let races = PeerRaces(
      subject: subject, tokens: peers.tokens, isTraining: peers.train,
      batches: try peers.batches(for: subject),
      threads: peers.train ? [try threads.count()] : try threads.ladder(), software: software,
      installed: try software.installed(matching: peers.only, note: output.note), price: price,
      measure: measure, output: output, cancel: cancel)
    let record = try races.run()
    if cancel.isCancelled { throw Problem.interrupted }
    if record.cases.contains(where: \.isWrong) { throw Problem(.wrongAnswer) }
  }
}

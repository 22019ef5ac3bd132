import ArgumentParser
import Basics
import Harness
import Workloads

/// `costcurve efficiency`: the work to one accuracy by networks of different years.
struct EfficiencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "efficiency",
    abstract: "Operations to one accuracy, of networks from 2012 and 2015; the claim is 44x.",
    discussion: """
      Trains alexnet-small and resnet20 on Fashion-MNIST, several seeds each, to one accuracy. \
      Example: costcurve efficiency --until-accuracy 0.90 --seeds 3

      A quick look: costcurve efficiency --until-accuracy 0.80 --train-images 10000 --epochs 3

      With an LSTM and a Transformer on a text: \
      costcurve efficiency --text Sources --until-loss 2 --looks 16
      """)

  @Option(name: .customLong("until-accuracy"), help: "The test accuracy to reach, such as 0.9.")
  var untilAccuracy = 0.9

  @Option(help: "Runs of each network, with consecutive seeds.")
  var seeds = 3

  @Option(help: "The first seed.")
  var seed: UInt32 = 1

  @Option(help: "Maximum passes over images or text; the learning-rate schedule depends on it.")
  var epochs = 4

  @Option(help: "Evaluations per epoch; the answer is rounded up to the next evaluation.")
  var looks = 4

  @Option(name: .customLong("batch-size"), help: "Images per step.")
  var batchSize = 128

  @OptionGroup var images: DatasetOptions

  @Option(
    help: """
      Also compare lstm-bytes with gpt2-bytes on this text: a file, or a folder's files in .swift \
      and .md.
      """, completion: .file())
  var text: String?

  @Option(
    name: .customLong("until-loss"),
    help: """
      The loss of held-out text to reach, in nats a byte. Take the highest loss that a run ends \
      with when it aims at 0.01.
      """)
  var untilLoss: Double?

  @Flag(name: .customLong("without-images"), help: "Only the pair on a text, which needs --text.")
  var withoutImages = false

  @Option(help: "How layers are computed; see 'costcurve list engines'.")
  var engine: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard untilAccuracy > 0, untilAccuracy <= 1 else {
      throw ValidationError("--until-accuracy needs a share from 0 to 1, not \(untilAccuracy).")
    }
    try (1...100).check("--seeds", seeds)
    try (1...10_000).check("--epochs", epochs)
    try (1...1000).check("--looks", looks)
    try (1...65_536).check("--batch-size", batchSize)
    if let untilLoss, !(untilLoss > 0 && untilLoss.isFinite) {
      throw ValidationError("--until-loss needs a number above 0, not \(untilLoss).")
    }
    guard text != nil || untilLoss == nil else {
      throw ValidationError("--until-loss needs --text.")
    }
    guard text == nil || untilLoss != nil else {
      throw ValidationError(
        "--text needs --until-loss, the loss to reach in nats a byte: no number suits all texts. For "
          + "one that suits this text, run once with --without-images --seeds 1 --until-loss 0.01 "
          + "and take the higher of the two last losses.")
    }
    guard text != nil || !withoutImages else {
      throw ValidationError("--without-images leaves nothing to compare; give --text.")
    }
  }

  /// - Throws: Bad input with its exit code; 1 when a run did not reach the accuracy, after the
  ///   report; 130 after an interruption.
  func run() throws {
    try output.refuseUnwritable()
    let (threads, engine) = (try threads.count(), try self.engine.map(Engine.named) ?? .standard)
    var report = EfficiencyReport(
      untilAccuracy: untilAccuracy, epochs: epochs, batchSize: batchSize, looksPerEpoch: looks,
      threads: threads, engine: engine.rawValue)
    let trainings = EfficiencyTrainings(
      firstSeed: seed, runs: seeds, epochs: epochs, looks: looks, threads: threads, engine: engine,
      note: output.note)
    if !withoutImages { try trainings.add(to: &report, on: images) }
    if let text, let untilLoss {
      report.texts = try trainings.report(on: text, untilLoss: untilLoss)
    }
    try Interrupt.saving {
      try output.emit(report.document, json: report, csv: report.csv)
    }
    guard report.isComplete else {
      throw Problem(
        .malformed,
        "not every run reached the accuracy \(untilAccuracy) in \(Units.count(epochs, "epoch")); "
          + "give more --epochs or a lower --until-accuracy.")
    }
    if let texts = report.texts, !texts.isComplete {
      throw Problem(
        .malformed,
        "not every run reached the loss \(texts.untilLoss) in \(Units.count(epochs, "epoch")); "
          + "give more --epochs or a higher --until-loss, such as the highest loss that a run "
          + "ended with.")
    }
  }
}

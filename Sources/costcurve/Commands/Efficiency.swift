import ArgumentParser
import Basics
import Harness
import Workloads

/// `costcurve efficiency`: the work to one accuracy by networks of different years.
struct EfficiencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "efficiency",
    abstract: "Operations to one accuracy by networks of 2012 and 2015, beside the published 44x.",
    discussion: """
      Trains alexnet-small and resnet20 on Fashion-MNIST, several seeds each, until the accuracy. \
      Example: costcurve efficiency --until-accuracy 0.90 --seeds 3

      A quick look: costcurve efficiency --until-accuracy 0.80 --train-images 10000 --epochs 3
      """)

  @Option(name: .customLong("until-accuracy"), help: "The test accuracy to reach, such as 0.9.")
  var untilAccuracy = 0.9

  @Option(help: "Runs of each network, with seeds one after the other.")
  var seeds = 3

  @Option(help: "The first seed.")
  var seed: UInt32 = 1

  @Option(help: "Passes over the training images at most; the learning rate's course.")
  var epochs = 4

  @Option(help: "Evaluations per epoch; the answer is rounded up to the next one.")
  var looks = 4

  @Option(name: .customLong("batch-size"), help: "Images of a step.")
  var batchSize = 128

  @OptionGroup var images: DatasetOptions

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
  }

  /// - Throws: Bad input with its exit code; 1 when a run did not reach the accuracy, after the
  ///   report; 130 after an interruption.
  func run() throws {
    try output.refuseUnwritable()
    let (threads, engine) = (try threads.count(), try self.engine.map(Engine.named) ?? .standard)
    var report = EfficiencyReport(
      untilAccuracy: untilAccuracy, epochs: epochs, batchSize: batchSize, looksPerEpoch: looks,
      threads: threads, engine: engine.rawValue)
    try EfficiencyTrainings(firstSeed: seed, runs: seeds, engine: engine, note: output.note)
      .add(to: &report, on: images)
    try Interrupt.saving {
      try output.emit(report.document, json: report, csv: report.csv)
    }
    guard report.isComplete else {
      throw Problem(
        .malformed,
        "not every run reached the accuracy \(untilAccuracy) in \(Units.count(epochs, "epoch")); "
          + "give more --epochs or a lower --until-accuracy.")
    }
  }
}

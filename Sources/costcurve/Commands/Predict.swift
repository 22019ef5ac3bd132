import Basics
import ArgumentParser
import Formats
import Foundation
import Harness
import Kernels
import Models
import Training
import Workloads

/// `costcurve predict`: logits for the user's weights and arrays.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Compute logits for your weights and your images; with labels, the accuracy.",
    discussion: """
      Example: costcurve predict --network resnet50 --weights resnet50.safetensors \
      --input images.npy --output logits.npy

      Images are float32 N C H W, already normalised; labels int64; logits come out as float32.
      """)

  @OptionGroup var word: NetworkWord

  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @Option(
    help: "Weights with torchvision's names, as safetensors; seeded ones without.",
    completion: .file())
  var weights: String?

  @Option(help: "Images: a .npy file, float32, N C H W.", completion: .file())
  var input: String

  @Option(
    name: [.customShort("o"), .long],
    help: "Where the logits go: a .npy file, or - for standard output.",
    completion: .file())
  var output: String

  @Option(help: "Labels: a .npy file, int64, one an image.", completion: .file())
  var labels: String?

  @Option(help: "How layers are computed; see 'costcurve list engines'.")
  var engine: String?

  @Option(name: .customLong("batch-size"), help: "Images handled together.")
  var batchSize = 16

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Fixes the weights where none are given.")
  var seed: UInt32 = 1

  @Option(help: "How to write the summary: text or json.")
  var format: SummaryFormat = .text

  @Flag(help: "No summary.")
  var quiet = false

  func validate() throws {
    guard (1...65_536).contains(batchSize) else {
      throw ValidationError("--batch-size needs a number from 1 to 65536, not \(batchSize).")
    }
  }

  func run() throws {
    let engine = try self.engine.map(Engine.named) ?? .standard
    let count = try threads.count()
    let model = try Model(
      named: try word.name(beside: network) ?? NetworkWord.usual, weights: weights, seed: seed)
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    let prediction = try Prediction(
      model, input: input, labels: labels, batchSize: batchSize, engine: engine, threads: count)
    try AtomicFile.refuseUnwritable(output)
    let (logits, accuracy) = try prediction.run()
    try Interrupt.saving { try NPYFile.write(logits, to: output) }
    guard !quiet else { return }
    let report = PredictReport(
      prediction, weights: weights ?? "seeded", output: output, accuracy: accuracy)
    let summary = try format == .json ? RecordJSON.text(report) : report.text
    // Where the logits are standard output's, nothing else is.
    guard !AtomicFile.isStandardOutput(output) else {
      return Console.error(String(summary.dropLast()))
    }
    try Console.write(summary)
  }
}

import ArgumentParser
import Formats
import Foundation
import Harness
import Models
import Workloads

/// `costcurve predict`: outputs for the user's weights and arrays.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Compute outputs for your weights and your images; with labels, the accuracy.",
    discussion: """
      Example: costcurve predict --network resnet50 --weights resnet50.safetensors \
      --input images.npy --output logits.npy

      Images are float32 N C H W, already normalised; labels int64; logits come out as float32. A \
      game's tower takes positions in the same form and has two outputs, which are named: \
      --output policy=policy.npy --output value=value.npy.
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
    help: "Where an output goes: a .npy file, or -; NAME=FILE where there are several.",
    completion: .file())
  var output: [String]

  @Option(help: "Labels: a .npy file, int64, one an image.", completion: .file())
  var labels: String?

  @Option(help: "How layers are computed; see 'costcurve list engines'.")
  var engine: String?

  @Option(
    name: .customLong("batch-size"), help: "Images, or positions of a game, handled together.")
  var batchSize = 16

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Fixes the weights where none are given.")
  var seed: UInt32 = 1

  @Option(help: "How to write the summary: text or json.")
  var format: SummaryFormat = .text

  @Flag(help: "No summary.")
  var quiet = false

  func validate() throws { try (1...65_536).check("--batch-size", batchSize) }

  func run() throws {
    let engine = try self.engine.map(Engine.named) ?? .standard
    let count = try threads.count()
    let model = try Model(
      named: try word.name(beside: network) ?? NetworkWord.usual, weights: weights, seed: seed)
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    let files = try OutputFiles(output, of: model.network)
    let prediction = try Prediction(
      model, input: input, labels: labels, batchSize: batchSize, engine: engine, threads: count)
    for file in files.paths { try AtomicFile.refuseUnwritable(file.path) }
    let (outputs, accuracy) = try prediction.run()
    try Interrupt.saving {
      for (name, path) in files.paths {
        guard let output = outputs.first(where: { $0.name == name }) else { continue }
        try NPYFile.write(output.tensor, to: path)
      }
    }
    guard !quiet else { return }
    let report = PredictReport(
      prediction, weights: weights ?? "seeded", files: files, accuracy: accuracy)
    let summary = try format == .json ? RecordJSON.text(report) : report.text
    // Where an output is standard output's, nothing else is.
    guard !files.paths.contains(where: { AtomicFile.isStandardOutput($0.path) }) else {
      return Console.error(String(summary.dropLast()))
    }
    try Console.write(summary)
  }
}

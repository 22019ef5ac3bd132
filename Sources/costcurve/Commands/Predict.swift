import Basics
import ArgumentParser
import Formats
import Foundation
import Harness
import Kernels
import Models
import Programs
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

  @Option(help: "Network; see 'costcurve list networks'.")
  var network = "resnet50"

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
    let model = try Model(named: network, weights: weights, seed: seed)
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    let images = try ImageFile(path: input, network: model.network)
    let labels = try self.labels.map {
      try LabelFile.read(path: $0, count: images.count, classes: model.network.classes)
    }
    try AtomicFile.refuseUnwritable(output)
    let batch = min(batchSize, images.count)
    try MemoryEstimate.inference(
      model.network, batch: batch, inputSize: images.size, threads: count
    ).refuseIfTooLarge(
      for: "--batch-size \(batch) at \(images.size) pixels", remedy: "choose a smaller batch")
    let (logits, accuracy) = try predict(
      model, images, labels, batch: batch, engine: engine, threads: count)
    try Interrupt.saving {
      try NPYFile.write(
        Tensor(shape: [images.count, model.network.classes], values: logits), to: output)
    }
    guard !quiet else { return }
    let report = PredictReport(
      network: model.network.name, weights: weights ?? "seeded",
      prefix: model.weightsPrefix, engine: engine.rawValue,
      images: images.count, classes: model.network.classes, output: output, accuracy: accuracy)
    let summary = try format == .json ? RecordJSON.text(report) : report.text
    // Where the logits are standard output's, nothing else is.
    guard !AtomicFile.isStandardOutput(output) else {
      return Console.error(String(summary.dropLast()))
    }
    try Console.write(summary)
  }

  /// All logits in order, and how many labels they meet.
  private func predict(
    _ model: Model, _ images: ImageFile, _ labels: [Int32]?, batch: Int, engine: Engine,
    threads: Int
  ) throws -> (logits: [Float], accuracy: Accuracy?) {
    let pool = ThreadPool(threads: threads)
    var logits: [Float] = []
    logits.reserveCapacity(images.count * model.network.classes)
    var accuracy = labels.map { _ in Accuracy() }
    var program: Program?
    let buffer = AlignedBuffer(
      count: batch * model.network.inputChannels * images.size * images.size)
    for start in stride(from: 0, to: images.count, by: batch) {
      if Interrupt.wasRequested { throw Problem.interrupted }
      let range = start..<min(start + batch, images.count)
      if program?.imageShape.N != range.count {
        program = nil
        program = try Program(
          model.network, weights: model.weights, batch: range.count, inputSize: images.size,
          pool: pool
        ) { _, shape in engine.algorithm(for: shape) }
      }
      try images.read(range, into: buffer.pointer)
      guard let program else { continue }
      program.run(buffer.pointer)
      if let labels { accuracy?.count(program.logits, labels[range]) }
      logits += program.logits
    }
    if let bad = logits.firstIndex(where: { !$0.isFinite }) {
      throw Problem(
        .wrongAnswer,
        "logits of image \(bad / model.network.classes) are not finite; "
          + "check that weights and input belong together.")
    }
    return (logits, accuracy)
  }
}

/// What `predict` says on standard output.
struct PredictReport: Encodable {
  var schema = "costcurve.predict"
  var schemaVersion = 1
  var network: String
  var weights: String
  /// What stood before every name in the weight file and was left out.
  var weightsPrefix: String?
  var engine: String
  var images: Int
  var classes: Int
  var output: String
  var accuracy: Shares

  /// Shares of right guesses; null where no labels were given.
  struct Shares: Encodable {
    var status: String
    var top1: Double?
    var top5: Double?

    enum CodingKeys: CodingKey { case status, top1, top5 }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(status, forKey: .status)
      try container.encode(top1, forKey: .top1)
      try container.encode(top5, forKey: .top5)
    }
  }

  init(
    network: String, weights: String, prefix: String, engine: String, images: Int, classes: Int,
    output: String,
    accuracy: Accuracy?
  ) {
    (self.network, self.weights, self.engine) = (network, weights, engine)
    weightsPrefix = prefix.isEmpty ? nil : prefix
    (self.images, self.classes, self.output) = (images, classes, output)
    self.accuracy = Shares(
      status: accuracy == nil ? "not evaluated" : "evaluated", top1: accuracy?.top1Share,
      top5: accuracy?.top5Share)
  }

  var text: String {
    var lines = "\(images) images, \(classes) classes by \(network) (\(engine)) -> \(output)\n"
    if let top1 = accuracy.top1, let top5 = accuracy.top5 {
      lines += String(format: "top-1 %.2f %%, top-5 %.2f %%\n", 100 * top1, 100 * top5)
    } else {
      lines += "accuracy: not evaluated (give --labels)\n"
    }
    return lines
  }
}

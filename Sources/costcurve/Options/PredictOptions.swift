import ArgumentParser
import Basics
import Models
import Workloads

/// What `predict` computes, on which arrays.
struct PredictOptions: ParsableArguments {
  @OptionGroup var word: NetworkWord

  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @OptionGroup var file: ModelFileOptions

  @Option(
    help: "Weights as safetensors, under their reference's names; seeded ones unless given.",
    completion: .file())
  var weights: String?

  @Option(
    help: """
      Images: a .npy file, float32, N C H W; tokens: int64, N by tokens, drawn unless given; \
      NAME=FILE where there are several inputs.
      """,
    completion: .file())
  var input: [String] = []

  @Option(
    name: [.customShort("o"), .long],
    help: "Where an output goes: a .npy file, or -; NAME=FILE where there are several.",
    completion: .file())
  var output: [String]

  @Option(help: "Labels: a .npy file, int64, one per image.", completion: .file())
  var labels: String?

  @Option(help: "How layers are computed; see 'costcurve list engines'.")
  var engine: String?

  @OptionGroup var precision: PrecisionOptions

  @Option(
    name: .customLong("batch-size"),
    help: "Images, game positions or sequences computed together.")
  var batchSize = 16

  @Option(help: "Seed of the weights where none are given.")
  var seed: UInt32 = 1

  @Flag(
    name: .customLong("allow-non-finite"),
    help: "Accept NaN and infinities, which some models have in masks.")
  var allowsNonFinite = false

  func validate() throws {
    try (1...65_536).check("--batch-size", batchSize)
    guard !output.isEmpty else { throw Self.lacksFiles }
    try file.refuse(["--network": network != nil, "--weights": weights != nil])
    if allowsNonFinite, file.model == nil {
      throw ValidationError("--allow-non-finite is for --model FILE.onnx; leave it out.")
    }
  }

  private static let lacksFiles = ValidationError("give --input and --output, a .npy file each.")

  /// Computes and writes what is asked for.
  ///
  /// - Parameters:
  ///   - threads: Threads that it runs on.
  ///   - quiet: Whether nothing is said on the way.
  /// - Returns: What there is to say of it.
  /// - Throws: What opening a model or a weight file, reading arrays and computing throws.
  func work(threads: Int, quiet: Bool) throws -> PredictReport {
    var work = PredictWork(
      inputs: input, outputs: output, labels: labels, batchSize: batchSize,
      engine: try engine.map(Engine.named) ?? .standard, threads: threads,
      allowsNonFinite: allowsNonFinite)
    (work.precision, work.calibration) = (precision.precision, precision.int8.calibration)
    work.weightBits = precision.int8.weightBits.bits
    (work.conditions, work.weights) = (["\(seed)"], [weights].compactMap(\.self))
    work.quiet = quiet
    if let lower = precision.precision.inIDs, let refusal = work.engine.refusal(of: lower) {
      throw Problem(.usage, "--engine: \(refusal)")
    }
    try file.refuse(["the word '\(word.word ?? "")'": word.word != nil])
    if let model = try file.opened(inputs: input) { return try work.run(model) }
    let name = try word.name(beside: network) ?? NetworkWord.usual
    let named = try Network.named(name)
    try file.refuse(for: named)
    guard !input.isEmpty || named.item == .sequence else { throw Self.lacksFiles }
    let model = try Model(named: name, weights: weights, seed: seed)
    guard named.item != .sequence else {
      return try work.run(
        model, weights: weights ?? "seeded", sequence: file.sequence, seed: seed)
    }
    return try work.run(model, weights: weights ?? "seeded")
  }
}

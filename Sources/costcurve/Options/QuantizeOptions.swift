import ArgumentParser
import Basics
import Models
import Programs
import Workloads

/// How ranges follow from what calibration sees.
enum CalibrationName: String, CaseIterable, ExpressibleByArgument {
  case minMax = "min-max"
  case percentile, mse
}

/// What is quantized, and how.
struct QuantizeOptions: ParsableArguments {
  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkExportOptions
  @OptionGroup var file: ModelFileOptions

  @Option(
    help: """
      Images to calibrate with: a .npy file or a folder of them. NAME=FILE where a model has \
      several inputs.
      """,
    completion: .file())
  var calibration: [String] = []

  @Flag(
    help: "Calibrate with seeded random images: good enough for speed, not for accuracy.")
  var seeded = false

  @Option(help: "How ranges are derived from the images: min-max, percentile or mse.")
  var method = CalibrationName.minMax

  @Option(help: "The percentile, above 50 and up to 100; 99.99 unless given.")
  var percentile: Double?

  @OptionGroup var weightBits: WeightBitsOptions

  @Flag(
    name: .customLong("bias-correction"),
    help: "Correct biases for the mean shift that rounded filters cause.")
  var biasCorrection = false

  @Flag(
    name: .customLong("keep-first"),
    help: "Leave the first layer in float32, whatever the measured loss.")
  var keepFirst = false

  @Flag(
    name: .customLong("keep-last"),
    help: "Leave the last layer in float32, whatever the measured loss.")
  var keepLast = false

  @Flag(name: .customLong("quantize-first"), help: "Quantize the first layer, whatever the loss.")
  var quantizeFirst = false

  @Flag(name: .customLong("quantize-last"), help: "Quantize the last layer, whatever the loss.")
  var quantizeLast = false

  func validate() throws {
    try file.refuse([
      "--network": network.network != nil, "--weights": network.weights != nil,
      "--input-size": network.inputSize != nil, "--classes": network.classes != nil,
    ])
    guard calibration.isEmpty == seeded else {
      throw ValidationError(
        seeded
          ? "--calibration and --seeded exclude each other; give one of them."
          : "give --calibration with images like those to come, or --seeded for ranges of none.")
    }
    for (end, isBoth) in [
      ("first", keepFirst && quantizeFirst), ("last", keepLast && quantizeLast),
    ] where isBoth {
      throw ValidationError(
        "--keep-\(end) and --quantize-\(end) exclude each other; give one of them, or none to have "
          + "it measured.")
    }
    if let percentile {
      guard method == .percentile else {
        throw ValidationError("--percentile is for --method percentile; give that, too.")
      }
      guard percentile > 50, percentile <= 100 else {
        throw ValidationError("--percentile needs a number above 50 and up to 100.")
      }
    }
  }

  /// The method in force.
  var calibrationMethod: CalibrationMethod {
    switch method {
    case .minMax: .minMax
    case .percentile: .percentile(percentile ?? CalibrationMethod.usualPercentile)
    case .mse: .mse
    }
  }

  /// How it is quantized.
  func quantizer(threads: Int) -> Quantizer {
    var quantizer = Quantizer(threads: threads, weightBits: weightBits.bits)
    (quantizer.method, quantizer.correctsBias) = (calibrationMethod, biasCorrection)
    quantizer.keepsFirst = Self.told(keepFirst, quantizeFirst)
    quantizer.keepsLast = Self.told(keepLast, quantizeLast)
    return quantizer
  }

  /// Whether a layer is kept, where one of its two flags says so.
  private static func told(_ keep: Bool, _ quantize: Bool) -> Bool? {
    keep || quantize ? keep : nil
  }

  /// What is quantized, and what of it is said before.
  ///
  /// - Throws: A network or a file that is none, and weights that do not fit.
  func subject() throws -> (subject: any InferenceSubject, note: String?) {
    try file.refuse(["the word '\(word.word ?? "")'": word.word != nil])
    if let model = try file.opened() { return (model, nil) }
    let model = try network.model(named: word.name(beside: network.network) ?? NetworkWord.usual)
    let size = try network.size(of: model.network, sequence: file.sequence)
    return (SizedModel(model, inputSize: size), model.prefixNote)
  }
}

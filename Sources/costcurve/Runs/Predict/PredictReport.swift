import Foundation
import Harness
import Interchange
import Training
import Workloads

/// What `predict` says on standard output.
struct PredictReport: Encodable {
  var schema = "costcurve.predict"
  var schemaVersion = 1
  var network: String
  var weights: String
  /// What stood before every name in the weight file and was left out.
  var weightsPrefix: String?
  var engine: String
  /// What layers multiply, absent for float32, and where the ranges of int8 come from.
  var precision: String?
  var calibration: String?
  /// Bits of the weights of int8; absent elsewhere, and for a file that says its own weights.
  var weightBits: Int?
  var images: Int
  var classes: Int
  /// The file of the output that was named first.
  var output: String
  /// The file of each output that was asked for.
  var outputs: [String: String]
  var accuracy: Shares

  /// Shares of right answers; null without labels, and for weights made from a seed, which are
  /// right by chance alone.
  struct Shares: Encodable {
    var status: String
    @Nullable var top1: Double?
    @Nullable var top5: Double?
    /// Of lower precision beside float32; absent elsewhere and without labels.
    var againstF32: CaseRecord.AgainstF32?

    init(_ counted: Accuracy?, isSeeded: Bool = false) {
      let accuracy = isSeeded ? nil : counted
      status = accuracy == nil ? "not evaluated" : "evaluated"
      (top1, top5) = (accuracy?.top1Share, accuracy?.top5Share)
    }
  }

  private let item: WorkItem
  /// Whether there are labels, and no weights that could know them.
  private var lacksWeights = false

  private enum CodingKeys: String, CodingKey {
    case schema, schemaVersion, network, weights, weightsPrefix, engine, precision, calibration
    case weightBits, images, classes, output, outputs, accuracy
  }

  /// What a network gave.
  init(
    _ model: Model, items: Int, weights: String, engine: Engine, files: NamedFiles,
    accuracy: Accuracy?
  ) {
    (network, classes) = (model.network.name, model.network.classes)
    (self.weights, item) = (weights, model.network.workItem)
    (output, outputs) = (files.paths.first?.path ?? "", files.byName)
    weightsPrefix = model.weightsPrefix.isEmpty ? nil : model.weightsPrefix
    (self.engine, images) = (engine.rawValue, items)
    self.accuracy = Shares(accuracy, isSeeded: model.isSeeded)
    lacksWeights = accuracy != nil && model.isSeeded
  }

  /// What a model of a file gave.
  init(
    _ model: ModelOfFile, items: Int, classes: Int, engine: Engine, files: NamedFiles,
    accuracy: Accuracy?
  ) {
    (network, weights, item) = (model.name, model.fileName, model.item)
    (output, outputs) = (files.paths.first?.path ?? "", files.byName)
    (self.engine, images, self.classes) = (engine.rawValue, items, classes)
    self.accuracy = Shares(accuracy)
  }

  /// Says what computed, where it was of lower precision.
  mutating func describe(_ lower: (any InferenceSubject)?) {
    switch lower {
    case let quantized as QuantizedSubject:
      precision = CaseID.Precision.int8.rawValue
      calibration = quantized.calibration
      weightBits = quantized.table?.weightBits.rawValue
    case is BFloat16Subject: precision = CaseID.Precision.bf16.rawValue
    default: break
    }
  }

  /// The engine, and what layers multiply where that is not float32.
  private var means: String { precision.map { "\(engine), \($0)" } ?? engine }

  var text: String {
    guard item == .image, outputs.count == 1 else {
      let files = outputs.sorted { $0.key < $1.key }.map { "\($0.key) -> \($0.value)" }
      let moves = item.name == "position" ? ", \(Units.grouped(classes)) numbers for moves" : ""
      return "\(Units.count(images, item.name)) by \(network) (\(means))\(moves): "
        + files.joined(separator: ", ") + "\n"
    }
    var lines =
      "\(Units.count(images, "image")), \(Units.count(classes, "class")) by "
      + "\(network) (\(means)) -> \(output)\n"
    if let top1 = accuracy.top1, let top5 = accuracy.top5 {
      lines += String(format: "top-1 %.2f %%, top-5 %.2f %%\n", 100 * top1, 100 * top5)
    } else {
      let reason =
        lacksWeights ? "the weights were made from a seed; give --weights" : "give --labels"
      lines += "accuracy: not evaluated (\(reason))\n"
    }
    if let against = accuracy.againstF32 { lines += "\(against.text)\n" }
    return lines
  }
}

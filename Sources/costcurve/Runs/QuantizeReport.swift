import Harness
import Programs
import Workloads

/// What `quantize` says of the model that it has written.
struct QuantizeReport: Encodable {
  var schema = "costcurve.quantize"
  var schemaVersion = 1
  var network: String
  /// The weight file's own name, or `seeded`.
  var weights: String
  /// Where the model went.
  var output: String
  var layers: Int
  /// Layers that multiply bytes.
  var int8Layers: Int
  /// Bits of their weights.
  var weightBits: Int
  /// How ranges follow from what was seen, and what that was.
  var method: String
  var calibration: String
  /// Whether the ranges are those of no data set.
  var seeded: Bool
  /// Names of the first and the last layer where they stay float.
  var kept: [String]
  /// What was measured of them; absent where options said all.
  var measured: Measured?

  /// How far outputs are from those of float32, relative to these.
  struct Measured: Encodable {
    /// Items that were compared.
    var items: Int
    /// With neither layer in float.
    var error: Double
    /// With those in float that stay so; where none does, the smallest error that was found.
    var errorKept: Double
  }

  private let edges: EdgeChoice?

  private enum CodingKeys: String, CodingKey {
    case schema, schemaVersion, network, weights, output, layers, int8Layers, weightBits
    case method, calibration, seeded, kept, measured
  }

  /// Joins what is known of a model.
  ///
  /// - Parameters:
  ///   - subject: What was quantized.
  ///   - table: By which.
  ///   - layers: Layers on bytes, and all layers.
  ///   - output: Where the model went.
  init(
    of subject: any InferenceSubject, _ table: QuantizationTable,
    layers: (onBytes: Int, all: Int), output: String
  ) {
    (network, weights, self.output) = (subject.name, subject.weightsName, output)
    (int8Layers, self.layers) = layers
    weightBits = table.weightBits.rawValue
    (method, calibration) = (table.method, table.calibration)
    (seeded, kept, edges) = (table.isSeeded, table.kept, table.edges)
    measured = table.edges.map {
      Measured(items: $0.items, error: $0.error, errorKept: $0.errorKept)
    }
  }

  /// In a line of sentences.
  var text: String {
    var sentences = [
      "Wrote \(network) (\(weights)) in int8, \(int8Layers) of \(Units.count(layers, "layer")) on "
        + "bytes, \(weightBits)-bit weights, \(method) of \(calibration), to \(output)."
    ]
    if let edges { sentences.append(edges.sentence) }
    if seeded {
      sentences.append("Its ranges are those of no data set: accuracy says nothing.")
    }
    return sentences.joined(separator: " ")
  }
}

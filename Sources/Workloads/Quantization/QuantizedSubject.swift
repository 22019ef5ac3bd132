import Basics
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// A network or a model of a file whose layers multiply bytes.
package final class QuantizedSubject: InferenceSubject {
  /// What it is in floats.
  package let base: any InferenceSubject
  /// The ranges of its values; nil where its file says them.
  package let table: QuantizationTable?
  /// Layers on bytes, and all layers.
  package let layers: (onBytes: Int, all: Int)
  private var passes: [Int: ForwardPass] = [:]

  /// Quantizes a subject.
  ///
  /// - Parameters:
  ///   - base: Of floats, or of a QDQ file.
  ///   - table: The ranges of its values; nil for a QDQ file.
  /// - Throws: A table of another subject, weights that cannot be read, or a file no layer of which is
  ///   quantized in a way that runs on bytes.
  package init(_ base: any InferenceSubject, table: QuantizationTable?) throws(Problem) {
    let pass = try Self.pass(base, table, batch: base.smallestBatch)
    (self.base, self.table, layers) = (base, table, pass.graph.layerCounts)
    passes[base.smallestBatch] = pass
    guard layers.onBytes > 0 else {
      throw Problem(
        .malformed,
        "\(base.weightsName): none of its \(layers.all) layers has quantized inputs and filters of "
          + "signed bytes around 0; leave --precision out to run it in float32")
    }
  }

  private static func pass(
    _ base: any InferenceSubject, _ table: QuantizationTable?, batch: Int
  ) throws(Problem) -> ForwardPass {
    var pass = try rounded(base, table, batch: batch)
    // What a check evaluates are whole numbers, too, and not the floats that they stand for.
    pass.written = try pass.graph.withoutDropout().recognisingBytes()
    pass.graph = try pass.graph.onBytes()
    return pass
  }

  private static func rounded(
    _ base: any InferenceSubject, _ table: QuantizationTable?, batch: Int
  ) throws(Problem) -> ForwardPass {
    var pass = try base.writtenPass(batch: batch)
    if let table {
      let quantized = try QuantizedGraph(
        try FloatGraph(pass.graph, weights: pass.weights), by: table)
      (pass.graph, pass.weights) = (quantized.graph, quantized.weights)
    }
    return pass
  }

  /// The pass with values rounded to bytes and everything else in floats: what a QDQ file of it says.
  ///
  /// - Parameter batch: Items.
  /// - Returns: A pass before any other pass over its graph.
  /// - Throws: A table of another subject, or a batch other than the one that a file fixes.
  package func roundedPass(batch: Int) throws(Problem) -> ForwardPass {
    try Self.rounded(base, table, batch: batch)
  }

  package var name: String { base.name }
  package var item: WorkItem { base.item }
  package var weightsName: String { base.weightsName }
  package var smallestBatch: Int { base.smallestBatch }
  package func oracleBatch(of batch: Int) -> Int { base.oracleBatch(of: batch) }

  package func writtenPass(batch: Int) throws(Problem) -> ForwardPass {
    try base.writtenPass(batch: batch)
  }

  package func forwardPass(batch: Int) throws(Problem) -> ForwardPass {
    if let pass = passes[batch] { return pass }
    // Our networks are the same graph for every batch; a file's may be computed from it.
    if !(base is ModelOfFile), var pass = passes[base.smallestBatch] {
      pass.batch = batch
      return pass
    }
    let pass = try Self.pass(base, table, batch: batch)
    passes[batch] = pass
    return pass
  }

  package func parameters(of program: Program) -> [String: JSONValue] {
    var result = base.parameters(of: program)
    result["precision"] = .string(CaseID.Precision.int8.rawValue)
    result["int8_layers"] = .number(Double(layers.onBytes))
    result["layers"] = .number(Double(layers.all))
    result["calibration"] = .string(calibration)
    if let table {
      result["int8_kept"] = .array(table.kept.map { .string($0) })
      result["weight_bits"] = .number(Double(table.weightBits.rawValue))
    }
    if let edges = table?.edges {
      result["int8_error"] = .number(edges.error)
      result["int8_error_kept"] = .number(edges.errorKept)
    }
    return result
  }

  /// Where the ranges come from, in words.
  package var calibration: String {
    table.map { "\($0.method) of \($0.calibration)" } ?? "as the file says"
  }

  /// Whether ranges come from items that were made from a seed.
  package var isSeeded: Bool { table?.isSeeded ?? false }
}

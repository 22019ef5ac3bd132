import Basics
import Foundation
import Graphs
import Kernels

/// What calibration found of one graph of floats, as a file keeps it: ranges, and what is added to
/// biases.
package struct QuantizationTable: Codable, Hashable, Sendable {
  /// The numbers that a value's bytes cover.
  package struct Range: Codable, Hashable, Sendable {
    /// The value's name.
    package var value: String
    /// The smallest number.
    package var low: Float
    /// The largest number.
    package var high: Float
  }

  package var schema = "costcurve.quantization"
  /// 2 where weights have 7 bits, so that no version that knows but 8 makes other weights of it.
  package var schemaVersion = 1
  /// A digest of names and types of the graph that it is for.
  package var graph: String
  /// A digest of the rule, the files that the ranges follow from, and the layers that measured loss
  /// has left in float; nil for the usual ranges of seeded items with weights of 8 bits and all layers
  /// on bytes.
  package var source: String?
  /// How ranges follow from numbers, such as `min-max`.
  package var method: String
  /// What was seen, in words, such as `32 seeded images`.
  package var calibration: String
  /// Whether the images were made from a seed, so that the ranges are those of no data set.
  package var isSeeded: Bool
  /// Layers that stay float.
  package var kept: [String]
  /// How the first and the last layer were found to be among these or not; nil where that was not measured.
  package var edges: EdgeChoice?
  /// In the order in which values are computed.
  package var ranges: [Range]
  /// What is added to biases, by their names.
  package var corrections: [String: [Float]] = [:]
  /// Bits of a weight where they are not 8.
  private var narrowBits: WeightBits?

  /// Bits of a weight.
  package var weightBits: WeightBits { narrowBits ?? .eight }

  /// Joins what is known.
  ///
  /// - Parameters:
  ///   - graph: That was calibrated.
  ///   - sites: Its values that become bytes.
  ///   - ranges: In their order.
  ///   - method: How they follow from numbers.
  ///   - calibration: What was seen, in words.
  ///   - isSeeded: Whether it was made from a seed.
  ///   - kept: Layers that stay float.
  ///   - weightBits: Bits of the weights of all others.
  package init(
    _ graph: Graph, _ sites: QuantizationSites, ranges: [ClosedRange<Float>],
    method: CalibrationMethod, calibration: String, isSeeded: Bool, kept: Set<String>,
    weightBits: WeightBits = .eight
  ) {
    self.graph = Self.digest(of: graph)
    if weightBits != .eight { (narrowBits, schemaVersion) = (weightBits, 2) }
    (self.method, self.calibration, self.isSeeded) = (method.description, calibration, isSeeded)
    self.kept = kept.sorted()
    self.ranges = zip(sites.values, ranges).map { value, range in
      Range(value: graph[value].name, low: range.lowerBound, high: range.upperBound)
    }
  }

  /// The range of each value.
  ///
  /// - Parameters:
  ///   - graph: That it was made for.
  ///   - sites: The values of that graph that become bytes.
  /// - Returns: By value.
  /// - Throws: A table of another graph.
  package func rangesByValue(
    of graph: Graph, _ sites: QuantizationSites
  ) throws(Problem) -> [Graph.Value: ClosedRange<Float>] {
    guard Self.digest(of: graph) == self.graph,
      ranges.map(\.value) == sites.values.map({ graph[$0].name })
    else {
      throw Problem(.malformed, "the table of quantization is of another network or size")
    }
    var result: [Graph.Value: ClosedRange<Float>] = [:]
    for (value, range) in zip(sites.values, ranges) {
      guard range.low <= range.high, range.low.isFinite, range.high.isFinite else {
        throw Problem(
          .malformed, "the quantization table has no range of \(range.value); make it again")
      }
      result[value] = range.low...range.high
    }
    return result
  }

  /// Whether it is of a graph, so that nothing has to be calibrated for that.
  ///
  /// - Parameter graph: Of floats, for inference, norms folded, nothing fused.
  /// - Returns: False for one that another version of costcurve would quantize elsewhere, too.
  package func fits(_ graph: Graph) -> Bool {
    (try? rangesByValue(of: graph, QuantizationSites(graph, keeping: Set(kept)))) != nil
  }

  /// Reads a table.
  ///
  /// - Parameter path: A file of JSON.
  /// - Throws: A file that is absent or damaged.
  package init(path: String) throws(Problem) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Problem(.absent, "\(path): there is no such quantization table")
    }
    guard let table = try? JSONDecoder().decode(QuantizationTable.self, from: data),
      table.schema == "costcurve.quantization", (1...2).contains(table.schemaVersion)
    else { throw Problem(.malformed, "\(path): is not a quantization table; make it again") }
    self = table
  }

  /// The table as a file has it.
  ///
  /// - Returns: JSON.
  /// - Throws: Numbers that JSON does not have.
  package func data() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// Names and types of all values but for their outermost lengths: of a model of a file these may be
  /// computed from the batch, and ranges are the same for all of them.
  private static func digest(of graph: Graph) -> String {
    var hash = FNV1a()
    for value in graph.values {
      let lengths = value.type.dimensions.dropFirst().map { "\($0)" }
      hash.add("\(value.name) \(value.type.element) \(lengths.joined(separator: " "))\n")
    }
    for node in graph.nodes { hash.add("\(node.name) \(type(of: node.op))\n") }
    return hash.text
  }
}

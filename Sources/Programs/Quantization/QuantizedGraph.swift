import Basics
import Graphs
import Kernels
import Models

/// A graph of floats on its way to bytes, and where its parameters come from.
package struct FloatGraph: Sendable {
  /// Norms folded into plain filters and biases, each layer's own; nothing fused.
  package let graph: Graph
  /// Of the graph's parameters.
  package let weights: any WeightSource

  /// Folds the norms.
  ///
  /// - Parameters:
  ///   - graph: As it is written.
  ///   - weights: Where its parameters come from.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package init(_ graph: Graph, weights: any WeightSource) throws(Problem) {
    let (plain, layers) = try graph.withoutDropout().foldingNorms().withPlainFilters()
    let (graph, copies) = try plain.withOwnBiases()
    self.graph = graph
    self.weights = CopiedWeights(PlainWeights(weights, layers: layers), copies: copies)
  }

  /// Names of the first and of the last layer.
  package var ends: (first: String, last: String)? {
    let layers = graph.nodes.filter { $0.op is Convolution }
    return layers.first.flatMap { first in layers.last.map { (first.name, $0.name) } }
  }

  /// Compares what layers do with and without rounded filters.
  ///
  /// - Parameters:
  ///   - means: Of each channel of what layers read.
  ///   - bytes: What the bytes of each value stand for.
  ///   - sites: The layers that become bytes.
  ///   - weightBits: Bits of their weights.
  /// - Returns: What is to be added to biases, by their names.
  /// - Throws: Weights that cannot be read.
  package func corrections(
    _ means: [Graph.Value: [Double]], _ bytes: [Graph.Value: Quantization],
    _ sites: QuantizationSites, weightBits: WeightBits
  ) throws(Problem) -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for (index, steps) in try filters(bytes, sites, weightBits) {
      let node = graph.nodes[index]
      guard let layer = node.op as? Convolution, let place = layer.biasInput,
        let bias = graph[node.inputs[place]].parameter,
        let filters = graph[node.inputs[1]].parameter,
        let means = means[node.inputs[0]]
      else { continue }
      result[bias.name] = BiasCorrection.correction(
        filters, try weights.values(filters), steps, layer, means: means)
    }
    return result
  }

  /// The scales of the filters of all layers that become bytes, by their node's index.
  func filters(
    _ bytes: [Graph.Value: Quantization], _ sites: QuantizationSites, _ weightBits: WeightBits,
    _ corrections: [String: [Float]] = [:]
  ) throws(Problem) -> [Int: FilterSteps] {
    var result: [Int: FilterSteps] = [:]
    for index in sites.layers {
      let node = graph.nodes[index]
      guard let layer = node.op as? Convolution, let input = bytes[node.inputs[0]],
        let filters = graph[node.inputs[1]].parameter
      else { continue }
      let values = try weights.values(filters)
      var bias: [Float] = []
      if let place = layer.biasInput, let parameter = graph[node.inputs[place]].parameter {
        bias = try weights.values(parameter)
        if let added = corrections[parameter.name], added.count == bias.count {
          bias = zip(bias, added).map(+)
        }
      }
      guard values.allSatisfy(\.isFinite), bias.allSatisfy(\.isFinite) else {
        throw Problem(
          .malformed, "\(node.name) has filters or a bias that are not finite; export them anew")
      }
      result[index] = FilterSteps(
        covering: values, bias: bias, count: layer.filters, input: input,
        weightBits: weightBits)
    }
    return result
  }
}

/// A graph with quantized values between its operators on floats: what a QDQ file says.
package struct QuantizedGraph: Sendable {
  /// Before any operator on bytes is recognised.
  package let graph: Graph
  /// Of its parameters, those with scales rounded to whole multiples of them.
  package let weights: any WeightSource

  /// Quantizes a graph by a table.
  ///
  /// - Parameters:
  ///   - float: What is quantized.
  ///   - table: What calibration found of it.
  /// - Throws: A table of another graph, or weights that cannot be read.
  package init(_ float: FloatGraph, by table: QuantizationTable) throws(Problem) {
    let sites = QuantizationSites(float.graph, keeping: Set(table.kept))
    let bytes = sites.quantizations(try table.rangesByValue(of: float.graph, sites))
    let filters = try float.filters(bytes, sites, table.weightBits, table.corrections)
    graph = try float.graph.quantizing(bytes, filters: filters)
    weights = SteppedWeights(float.weights, corrections: table.corrections)
  }

  /// The graph that runs: operators on bytes where the files say so, the others fused as usual.
  ///
  /// - Returns: Its passes applied.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func inferenceGraph() throws(Problem) -> Graph { try graph.onBytes() }
}

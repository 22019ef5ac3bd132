import Basics

/// Filters and a bias that follow from those of a layer and of the norm behind it.
package struct PlainLayer: Hashable, Sendable {
  /// What the layer reads: filters, its bias if there is one, and `γ β mean variance`.
  package var sources: [Parameter]
  /// ε of the norm.
  package var epsilon: Double
  /// The filters that follow.
  package var filters: Parameter
  /// The bias that follows.
  package var bias: Parameter
}

extension Graph {
  /// The graph whose layers have a bias in the place of a norm that was folded into them.
  ///
  /// - Returns: The graph, and what its new parameters follow from. Filters keep their name where one
  ///   layer alone reads them.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func withPlainFilters() throws(Problem) -> (graph: Graph, layers: [PlainLayer]) {
    var builder = GraphBuilder(self, keepsNodes: false)
    var layers: [PlainLayer] = []
    var taken = Set(parameters.map(\.name))
    func unique(_ wish: String, _ taken: inout Set<String>) -> String {
      var (name, number) = (wish, 2)
      while !taken.insert(name).inserted {
        name = "\(wish)#\(number)"
        number += 1
      }
      return name
    }
    let readers = readers
    for node in nodes {
      var node = node
      if var layer = node.op as? Convolution, let epsilon = layer.normEpsilon,
        let old = self[node.inputs[1]].parameter
      {
        let places = [1] + (layer.biasInput.map { [$0] } ?? []) + Array(layer.normInputs)
        var filters = old
        if readers[node.inputs[1].index].count > 1 {
          filters.name = unique("\(node.name).weight", &taken)
        }
        let bias = Parameter(
          name: unique("\(node.name).bias", &taken), shape: [layer.filters], role: .bias)
        layers.append(
          PlainLayer(
            sources: places.compactMap { self[node.inputs[$0]].parameter }, epsilon: epsilon,
            filters: filters, bias: bias))
        let residual = layer.residualInput.map { [node.inputs[$0]] } ?? []
        layer.normEpsilon = nil
        layer.hasBias = true
        node.op = layer
        node.inputs =
          [node.inputs[0], builder.parameter(filters), builder.parameter(bias)] + residual
      }
      builder.append(node)
    }
    for port in outputs { builder.output(port.name, port.value) }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return (try builder.graph(), layers)
  }
}

import Basics
import Graphs
import Models

/// The parameters of a graph whose norms are folded into plain filters and biases.
///
/// `FoldedFilters` does the same for the kernels, and gives the same bits.
package struct PlainWeights: WeightSource {
  private let base: any WeightSource
  private let filters: [String: PlainLayer]
  private let biases: [String: PlainLayer]

  /// Takes in what follows from what.
  ///
  /// - Parameters:
  ///   - base: Where the sources come from, and all other parameters.
  ///   - layers: Of `Graph.withPlainFilters`.
  package init(_ base: any WeightSource, layers: [PlainLayer]) {
    self.base = base
    filters = Dictionary(layers.map { ($0.filters.name, $0) }, uniquingKeysWith: { $1 })
    biases = Dictionary(layers.map { ($0.bias.name, $0) }, uniquingKeysWith: { $1 })
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    if let layer = filters[parameter.name], let source = layer.sources.first {
      try base.read(source, into: values)
      try norm(layer).multiply(values)
    } else if let layer = biases[parameter.name] {
      let norm = try norm(layer)
      var own: [Float]?
      if let source = layer.sources.first(where: { $0.role == .bias }) {
        own = try base.values(source)
      }
      for k in values.indices { values[k] = norm.bias(own?[k] ?? 0, k) }
    } else {
      try base.read(parameter, into: values)
    }
  }

  private func norm(_ layer: PlainLayer) throws(Problem) -> FoldedNorm {
    var tensors: [Parameter.Role: [Float]] = [:]
    for source in layer.sources where source.role != .filters && source.role != .bias {
      tensors[source.role] = try base.values(source)
    }
    guard let norm = FoldedNorm(tensors, epsilon: layer.epsilon) else {
      preconditionFailure("a folded layer without a norm")
    }
    return norm
  }
}

import Kernels

/// Which values of a graph of floats become bytes, and which of them by one and the same scale.
///
/// Bytes are what convolutions, fully connected layers, pools, concatenations, and sums beside these
/// read. An activation behind a layer or a sum is a bound of its bytes, so that nothing is rounded
/// between the two; what a run gives stays float.
package struct QuantizationSites {
  /// The values, in the order in which they are computed, those of inputs first.
  package private(set) var values: [Graph.Value] = []
  /// Layers whose filters become whole numbers: indices of nodes.
  package private(set) var layers: [Int] = []
  /// For each value another one that has the same scale, or itself.
  private var parents: [Int]

  /// Finds the values of a graph.
  ///
  /// - Parameters:
  ///   - graph: For inference, norms folded into plain filters and biases, nothing fused.
  ///   - keeping: Names of layers that stay float.
  package init(_ graph: Graph, keeping: Set<String> = []) {
    parents = Array(graph.values.indices)
    let (readers, producers, kept) = (graph.readers, graph.producers, graph.kept)
    var isMeant = [Bool](repeating: false, count: graph.nodes.count)
    /// Whether an activation is done by what computes its input.
    func isFused(_ node: Graph.Node) -> Bool {
      guard node.op.isBound, let producer = producers[node.inputs[0].index], isMeant[producer],
        readers[node.inputs[0].index].count == 1, !kept.contains(node.inputs[0])
      else { return false }
      let op = graph.nodes[producer].op
      return op is Convolution || op is Addition
    }
    for (index, node) in graph.nodes.enumerated() {
      switch node.op {
      case let op as Convolution:
        isMeant[index] =
          !keeping.contains(node.name) && op.hasPlainFilters
          && graph[node.inputs[0]].parameter == nil && graph[node.inputs[1]].parameter != nil
          && readers[node.inputs[1].index].count == 1
        if isMeant[index] { layers.append(index) }
      case is Addition:
        isMeant[index] =
          node.inputs.allSatisfy { graph[$0].parameter == nil && graph[$0].type.element == .f32 }
          && node.inputs.contains { input in
            guard let producer = producers[input.index] else { return false }
            return isMeant[producer] || isFused(graph.nodes[producer])
          }
      case let op as MaxPooling: isMeant[index] = !op.givesPositions
      case is AveragePooling, is AdaptiveAveragePooling: isMeant[index] = true
      case is Concatenation:
        isMeant[index] = node.inputs.allSatisfy { graph[$0].parameter == nil }
      default: break
      }
    }
    var isByte = [Bool](repeating: false, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() where isMeant[index] {
      let read = node.op is Convolution ? Array(node.inputs.prefix(1)) : node.inputs
      for value in read where graph[value].type.element == .f32 { isByte[value.index] = true }
    }
    let computed = graph.inputs.map(\.value) + graph.nodes.flatMap(\.outputs)
    values = computed.filter { isByte[$0.index] }
    for (index, node) in graph.nodes.enumerated() where isMeant[index] {
      guard node.op is MaxPooling || node.op is Concatenation else { continue }
      let same = node.inputs + (isByte[node.outputs[0].index] ? [node.outputs[0]] : [])
      for value in same.dropFirst() { join(same[0].index, value.index) }
    }
  }

  private mutating func join(_ a: Int, _ b: Int) { parents[root(b)] = root(a) }

  private func root(_ index: Int) -> Int {
    var index = index
    while parents[index] != index { index = parents[index] }
    return index
  }

  /// What the bytes of each value stand for.
  ///
  /// - Parameter ranges: Of every one of `values`.
  /// - Returns: One quantization for all that have one scale, which covers the ranges of all of them.
  package func quantizations(
    _ ranges: [Graph.Value: ClosedRange<Float>]
  ) -> [Graph.Value: Quantization] {
    var joined: [Int: ClosedRange<Float>] = [:]
    for value in values {
      guard let own = ranges[value] else { continue }
      let other = joined[root(value.index)] ?? own
      joined[root(value.index)] =
        min(own.lowerBound, other.lowerBound)...max(own.upperBound, other.upperBound)
    }
    var result: [Graph.Value: Quantization] = [:]
    for value in values {
      result[value] = joined[root(value.index)].map { Quantization(covering: $0) }
    }
    return result
  }
}

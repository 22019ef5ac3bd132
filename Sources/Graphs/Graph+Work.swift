import Kernels

extension Graph {
  /// The nodes that are products of filters, in order.
  ///
  /// - Parameter batch: Images, at least 1.
  /// - Returns: Nodes and shapes; none for a batch that is too large to count.
  package func filterNodes(batch: Int) -> [(node: Node, shape: ConvShape)] {
    guard let shapes = try? shapes(["batch": batch]) else { return [] }
    return nodes.compactMap { node in
      node.op.filterShape(node.inputs.map { shapes[$0.index] }).map { (node, $0) }
    }
  }
}

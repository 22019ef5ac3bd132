import Kernels
import Tensors

extension Graph {
  /// The product of filters that a node is.
  ///
  /// - Parameters:
  ///   - node: One of the graph's.
  ///   - shapes: One a value.
  /// - Returns: nil for what has no filters.
  package func filterShape(_ node: Node, _ shapes: [Shape]) -> ConvShape? {
    node.op.filterShape(node.inputs.map { shapes[$0.index] })
  }

  /// The same over some images of the batch, where it works on a batch.
  ///
  /// - Parameters:
  ///   - node: One of the graph's.
  ///   - shapes: One a value, for the whole batch.
  ///   - images: How many of the batch.
  /// - Returns: nil for what has no filters.
  package func filterShape(_ node: Node, _ shapes: [Shape], images: Int) -> ConvShape? {
    guard let shape = filterShape(node, shapes) else { return nil }
    return self[node.inputs[0]].type.dimensions.first == .batch ? shape.withBatch(images) : shape
  }

  /// The direct operations of one run.
  ///
  /// - Parameters:
  ///   - batch: Images or sequences, at least 1.
  ///   - isCounted: Which nodes are.
  /// - Returns: The sum; 0 for a batch that is too large to count.
  package func macs(batch: Int, where isCounted: (Node) -> Bool = { _ in true }) -> MACs {
    guard let shapes = try? shapes(["batch": batch]) else { return MACs(0) }
    return nodes.filter(isCounted).reduce(MACs(0)) { sum, node in
      sum + node.op.macs(node.inputs.map { shapes[$0.index] })
    }
  }

  /// The nodes that are products of filters, in order.
  ///
  /// - Parameter batch: Images, at least 1.
  /// - Returns: Nodes and shapes; none for a batch that is too large to count.
  package func filterNodes(batch: Int) -> [(node: Node, shape: ConvShape)] {
    guard let shapes = try? shapes(["batch": batch]) else { return [] }
    return nodes.compactMap { node in filterShape(node, shapes).map { (node, $0) } }
  }
}

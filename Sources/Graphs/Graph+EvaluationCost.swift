import Tensors

/// What an evaluation by plain references takes, known before it begins.
package struct EvaluationCost: Hashable, Sendable {
  /// Elements that are computed.
  package var elements: Double
  /// Bytes that are in memory at a time, at most.
  package var bytes: Double
}

extension Graph {
  /// What `evaluate` takes, weights included.
  ///
  /// - Parameter shapes: One a value.
  /// - Returns: Elements of all nodes' outputs, and bytes of what is live beside the largest node.
  package func evaluationCost(_ shapes: [Shape]) -> EvaluationCost {
    let sizes = shapes.map { Double($0.count) }
    var unread = readers.map(\.count)
    let wanted = kept
    var live = inputs.reduce(0.0) { $0 + sizes[$1.value.index] }
    var (elements, most) = (0.0, 8 * live)
    for node in nodes {
      let read = node.inputs.reduce(0.0) { $0 + sizes[$1.index] }
      let given = node.outputs.reduce(0.0) { $0 + sizes[$1.index] }
      let weights = node.inputs.reduce(0.0) { sum, value in
        sum + (self[value].parameter == nil ? 0 : sizes[value.index])
      }
      // A parameter is there as it is read, float32, and as a tensor; references may turn what they
      // read once, and have what they give three times: as sums, as results and as stored.
      most = max(most, 8 * live + 12 * weights + 8 * read + 24 * given)
      elements += given
      for value in node.inputs where self[value].parameter == nil {
        unread[value.index] -= 1
        if unread[value.index] == 0, !wanted.contains(value) { live -= sizes[value.index] }
      }
      for value in node.outputs where unread[value.index] > 0 || wanted.contains(value) {
        live += sizes[value.index]
      }
    }
    return EvaluationCost(elements: elements, bytes: most)
  }
}

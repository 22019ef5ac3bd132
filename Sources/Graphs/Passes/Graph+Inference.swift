import Basics

extension Graph {
  /// The graph without what does nothing in inference.
  ///
  /// - Returns: The graph, dropout bridged.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func withoutDropout() throws(Problem) -> Graph {
    var rewriter = GraphRewriter(self)
    for node in nodes {
      if node.op is RandomDropout {
        rewriter.replacements[node.outputs[0]] = node.inputs[0]
      } else {
        rewriter.nodes.append(node)
      }
    }
    return try rewriter.finish()
  }

  /// The graph with each batch-norm multiplied into the convolution that alone feeds it.
  ///
  /// - Returns: The graph with fewer nodes; the parameters are the same.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func foldingNorms() throws(Problem) -> Graph {
    var rewriter = GraphRewriter(self)
    var isFolded = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() where !isFolded[index] {
      var node = node
      if var convolution = node.op as? Convolution, !convolution.foldsNorm,
        convolution.epilogue == .init(), let next = rewriter.onlyReader(node.outputs[0]),
        let norm = nodes[next].op as? BatchNormalization, norm.epilogue == .init(),
        nodes[next].inputs[0] == node.outputs[0]
      {
        convolution.normEpsilon = norm.epsilon
        node.op = convolution
        node.inputs += nodes[next].inputs.dropFirst()
        node.outputs = nodes[next].outputs
        isFolded[next] = true
      }
      rewriter.nodes.append(node)
    }
    return try rewriter.finish()
  }
}

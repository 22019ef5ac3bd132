import Basics
import Kernels
import Tensors

extension Graph {
  /// The graph with additions and activations done by the operators before them, as they store.
  ///
  /// An addition goes to that of its two producers which comes last.
  ///
  /// - Parameter isTrained: Whether the graph is to be differentiated: of the activations only ReLU
  ///   is fused then, for a convolution knows no other one's derivative.
  /// - Returns: The graph with fewer nodes.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func fusingEpilogues(isTrained: Bool = false) throws(Problem) -> Graph {
    var rewriter = GraphRewriter(self)
    var isFused = [Bool](repeating: false, count: nodes.count)
    var isKnown = producers.map { $0 == nil }
    for (index, node) in nodes.enumerated() where !isFused[index] {
      var node = node
      if var op = node.op as? any EpilogueOperator, op.epilogue.activation == nil {
        if op.canAddResidual, !op.epilogue.addsResidual,
          let next = rewriter.onlyReader(node.outputs[0]), nodes[next].op is Addition,
          let other = nodes[next].inputs.first(where: { $0 != node.outputs[0] }),
          isKnown[other.index]
        {
          op.epilogue.addsResidual = true
          node.inputs.append(other)
          node.outputs[0] = nodes[next].outputs[0]
          isFused[next] = true
        }
        if let next = rewriter.onlyReader(node.outputs[0]),
          let activation = nodes[next].op.activation,
          activation == .relu || (op.canApplyFunctions && !isTrained)
        {
          op.epilogue.activation = activation
          node.outputs[0] = nodes[next].outputs[0]
          isFused[next] = true
        }
        node.op = op
      }
      for value in node.outputs { isKnown[value.index] = true }
      rewriter.nodes.append(node)
    }
    return try rewriter.finish()
  }

  /// The graph with sums of derivatives done by the convolutions whose result they add.
  ///
  /// - Returns: The graph with fewer nodes.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func fusingAccumulation() throws(Problem) -> Graph {
    var rewriter = GraphRewriter(self)
    let producers = producers
    for node in nodes {
      // The producer that comes last is the one that finds the other's result already there.
      let operands = node.op is Addition ? node.inputs : []
      let last = operands.compactMap { producers[$0.index] }.max()
      if let last, var op = nodes[last].op as? ImageGradient, !op.accumulates,
        rewriter.onlyReader(nodes[last].outputs[0]) != nil,
        let other = operands.first(where: { $0 != nodes[last].outputs[0] })
      {
        op.accumulates = true
        rewriter.nodes.removeAll { $0.outputs == nodes[last].outputs }
        rewriter.nodes.append(
          Node(
            name: nodes[last].name, op: op, inputs: nodes[last].inputs + [other],
            outputs: node.outputs))
      } else {
        rewriter.nodes.append(node)
      }
    }
    return try rewriter.finish()
  }
}

extension Operator {
  /// The function of one float that this is, as an epilogue has it; nil for all else.
  fileprivate var activation: PointwiseFunction? {
    switch self {
    case is ReLU: .relu
    case let op as Pointwise where op.function.output(of: .f32) == .f32: op.function
    default: nil
    }
  }
}

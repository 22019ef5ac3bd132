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
      if let last, rewriter.onlyReader(nodes[last].outputs[0]) != nil,
        let other = operands.first(where: { $0 != nodes[last].outputs[0] }),
        let op = rewriter.accumulating(nodes[last].op, onto: other)
      {
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

extension GraphRewriter {
  /// The operator that adds its derivative to another one, in its place; nil where it cannot.
  fileprivate func accumulating(
    _ op: any Operator, onto other: Graph.Value
  ) -> (any Operator)? {
    if var op = op as? any AccumulatingOperator, !op.accumulates {
      op.accumulates = true
      return op
    }
    if var op = op as? FilterGradient, let part = op.part, let filled = filledParts(other),
      filled.allSatisfy({ !$0.overlaps(part) })
    {
      op.fills = true
      return op
    }
    return nil
  }

  /// The parts of a matrix that a derivative by it has numbers in; nil where that is not known.
  private func filledParts(_ value: Graph.Value) -> [Range<Int>]? {
    guard let node = nodes.last(where: { $0.outputs.first == value }),
      let op = node.op as? FilterGradient, let part = op.part
    else { return nil }
    guard op.fills else { return [part] }
    return filledParts(node.inputs[2]).map { $0 + [part] }
  }
}

extension FilterGradient {
  /// The outputs of a larger matrix that are its own; nil where all are.
  fileprivate var part: Range<Int>? {
    convolution.part.map { $0.first..<$0.first + convolution.filters }
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

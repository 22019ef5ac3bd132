import Basics
import Kernels

extension Graph {
  /// The graph with additions of bytes done by the convolutions before them, as they store.
  ///
  /// An addition goes to that of its two producers which comes last. The sum is rounded once, as in
  /// OpenVINO: bytes of the convolution alone, which nobody else reads, are not made. Only where an
  /// activation bounds them, or where the other tensor's steps are far larger than the sum's, is the
  /// convolution rounded to them first.
  ///
  /// - Returns: The graph with fewer nodes.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func fusingByteSums() throws(Problem) -> Graph {
    var rewriter = GraphRewriter(self)
    var isFused = [Bool](repeating: false, count: nodes.count)
    var isKnown = producers.map { $0 == nil }
    for (index, node) in nodes.enumerated() where !isFused[index] {
      var node = node
      if var op = node.op as? QuantizedConvolution, op.layer.canAddResidual,
        case .quantized(let own) = op.epilogue, let next = rewriter.onlyReader(node.outputs[0]),
        let sum = nodes[next].op as? ByteAddition,
        let place = nodes[next].inputs.firstIndex(where: { $0 != node.outputs[0] }),
        isKnown[nodes[next].inputs[place].index]
      {
        let other = sum.operands[place].scale
        let isCoarse = other > Int8Epilogue.mostJoined * sum.total.quantization.scale
        op.epilogue =
          op.hasActivation || isCoarse
          ? .added(own, residual: sum.operands[place], total: sum.total)
          : .joined(residual: sum.operands[place], total: sum.total)
        node.op = op
        node.inputs.append(nodes[next].inputs[place])
        node.outputs = nodes[next].outputs
        isFused[next] = true
      }
      for value in node.outputs { isKnown[value.index] = true }
      rewriter.nodes.append(node)
    }
    return try rewriter.finish()
  }
}

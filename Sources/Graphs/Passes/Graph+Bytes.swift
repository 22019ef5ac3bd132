import Basics
import Kernels

extension Graph {
  /// The graph of a QDQ file as it runs in whole numbers.
  ///
  /// - Returns: Operators on bytes where values are quantized, the others fused as usual.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func onBytes() throws(Problem) -> Graph {
    try withoutDropout().recognisingBytes().foldingNorms().fusingEpilogues()
  }

  /// Layers on bytes, and all layers.
  package var layerCounts: (onBytes: Int, all: Int) {
    let onBytes = nodes.count { $0.op is QuantizedConvolution }
    return (onBytes, onBytes + nodes.count { $0.op is Convolution || $0.op is LoopConvolution })
  }

  /// Whether values are quantized somewhere in it.
  package var isQuantized: Bool { nodes.contains { $0.op is LinearQuantization } }

  /// Whether the references of all operators give the very bits of a run.
  package var hasExactReferences: Bool { nodes.allSatisfy { $0.op.hasExactReference } }

  /// The graph with operators on bytes wherever one stands between dequantized inputs and a quantized
  /// output: what a model with QuantizeLinear and DequantizeLinear means by its whole numbers.
  ///
  /// What is not recognised stays as it is and computes with the numbers that bytes stand for. Filters
  /// count as quantized where their parameter has scales.
  ///
  /// - Returns: The graph with fewer nodes; the parameters are the same.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func recognisingBytes() throws(Problem) -> Graph {
    guard nodes.contains(where: { $0.op is LinearQuantization }) else { return self }
    var ready = try mergingQuantizations()
    // A pool before a concatenation takes another round.
    while let next = try ready.quantizingBeforeSelections() { ready = next }
    var patterns = BytePatterns(ready)
    return try patterns.run().fusingByteSums()
  }

  /// The graph in which a value is quantized once to the same bytes, and not again by each reader.
  private func mergingQuantizations() throws(Problem) -> Graph {
    struct Key: Hashable {
      var value: Value
      var quantization: Quantization
    }
    var rewriter = GraphRewriter(self)
    var known: [Key: Value] = [:]
    for node in nodes {
      guard let op = node.op as? LinearQuantization else {
        rewriter.nodes.append(node)
        continue
      }
      let key = Key(value: node.inputs[0], quantization: op.quantization)
      if let first = known[key], !rewriter.isKept(node.outputs[0]) {
        rewriter.replacements[node.outputs[0]] = first
      } else {
        known[key] = node.outputs[0]
        rewriter.nodes.append(node)
      }
    }
    return try rewriter.finish()
  }

  /// The graph in which what is quantized behind a maximum pool or a concatenation is quantized in the
  /// same way before it, too.
  ///
  /// Both pass on what they are given, and rounding keeps its order, so that no bit changes; what
  /// computes their inputs then ends in bytes.
  ///
  /// - Returns: nil where there is none to be found.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  private func quantizingBeforeSelections() throws(Problem) -> Graph? {
    let (readers, kept, producers) = (readers, kept, producers)
    func onlyReader(_ value: Value) -> Int? {
      readers[value.index].count == 1 && !kept.contains(value) ? readers[value.index][0] : nil
    }
    var builder = GraphBuilder(self, keepsNodes: false)
    var hasChanged = false
    for node in nodes {
      var node = node
      let isMeant = (node.op as? MaxPooling)?.givesPositions == false || node.op is Concatenation
      if isMeant, let next = onlyReader(node.outputs[0]),
        let op = nodes[next].op as? LinearQuantization
      {
        for (place, input) in node.inputs.enumerated() {
          let producer = producers[input.index].map { nodes[$0].op }
          guard let producer, !(producer is LinearDequantization), onlyReader(input) != nil else {
            continue
          }
          let name = "\(node.name).quantized\(place)"
          let bytes = try builder.append(name, op, [input])
          node.inputs[place] = try builder.append(
            "\(name).restored", LinearDequantization(op.quantization), bytes)[0]
          hasChanged = true
        }
      }
      builder.append(node)
    }
    for port in outputs { builder.output(port.name, port.value) }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return hasChanged ? try builder.graph() : nil
  }
}

extension Operator {
  /// Whether the reference gives the very bits of a run: those on bytes do, and those that only pass on
  /// or choose; a sum or a function of floats rounds otherwise than in float64.
  var hasExactReference: Bool {
    switch self {
    case is QuantizedConvolution, is ByteAddition, is ByteAveragePooling, is ByteMapping,
      is LinearQuantization, is LinearDequantization:
      true
    case is Concatenation, is Flattening, is MaxPooling, is ReLU, is Reshape, is Transpose: true
    default: false
    }
  }
}

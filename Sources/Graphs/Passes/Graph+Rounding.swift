import Basics
import Kernels

/// What rounding to bytes does to a graph's outputs, as graphs without it, or with another one.
extension Graph {
  /// The graph of a QDQ file with its values bounded as bytes are, but not rounded.
  ///
  /// Filters stay as they are. Bytes that something else reads than what restores them stay bytes.
  ///
  /// - Returns: The same inputs and outputs, in floats.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func withoutRounding() throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    var floats: [Value: Value] = [:]
    let (readers, kept) = (readers, kept)
    for node in nodes {
      let inputs = node.inputs.map { floats[$0] ?? $0 }
      if let op = node.op as? LinearQuantization, !kept.contains(node.outputs[0]),
        readers[node.outputs[0].index].allSatisfy({
          (nodes[$0].op as? LinearDequantization)?.quantization == op.quantization
        })
      {
        let range = op.quantization.range
        let bounds = Pointwise(.clip(least: range.lowerBound, most: range.upperBound))
        floats[node.outputs[0]] = try builder.append("\(node.name).bounds", bounds, inputs)[0]
      } else if node.op is LinearDequantization, let value = floats[node.inputs[0]] {
        floats[node.outputs[0]] = value
      } else {
        builder.append(
          Node(name: node.name, op: node.op, inputs: inputs, outputs: node.outputs))
      }
    }
    for port in outputs { builder.output(port.name, floats[port.value] ?? port.value) }
    for update in updates {
      builder.update(update.parameter, to: floats[update.value] ?? update.value)
    }
    return try builder.graph()
  }

  /// The graph in which numbers are moved before they are rounded to bytes, where they follow from
  /// sums or functions of floats: those near the middle of two bytes become the other one.
  ///
  /// - Parameter share: How far, as a share of the largest number that the bytes stand for.
  /// - Returns: nil where every byte follows from the inputs by whole numbers alone.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func movingRoundings(by share: Double) throws(Problem) -> Graph? {
    var builder = GraphBuilder(self, keepsNodes: false)
    var isExact = values.map { $0.parameter != nil }
    for port in inputs { isExact[port.value.index] = true }
    var hasMoved = false
    for node in nodes {
      var node = node
      let readsExact = node.inputs.allSatisfy { isExact[$0.index] }
      if let op = node.op as? LinearQuantization, !readsExact {
        let range = op.quantization.range
        let most = Double(max(abs(range.lowerBound), abs(range.upperBound)))
        node.inputs = try builder.append(
          "\(node.name).moved", Pairwise(.add, constant: share * most), node.inputs)
        hasMoved = true
      }
      for value in node.outputs {
        isExact[value.index] = readsExact && node.op.hasExactReference
      }
      builder.append(node)
    }
    for port in outputs { builder.output(port.name, port.value) }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return hasMoved ? try builder.graph() : nil
  }
}

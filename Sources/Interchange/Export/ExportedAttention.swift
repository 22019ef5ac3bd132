import Basics
import Formats
import Graphs
import Kernels

extension HeadAttention: ExportedOperator {
  /// Added to scores of keys that are not seen: their shares become 0.
  private static let hidden = -Float.greatestFiniteMagnitude

  /// Writes attention as exporters spell it, which runtimes recognise: heads before rows, two
  /// products, and shares between them.
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let dimensions = node.inputs.map { export.source[$0].type.dimensions }
    let isPlain =
      !hasPast && !hasKeyCounts && !givesCache && stage == nil && rule.cap == 0
      && rule.left == nil && rule.right == nil
    guard isPlain, masksByFlags || !hasMask, heads > 0, heads == keyHeads,
      let size = size(dimensions, past: [])
    else { throw Problem(.malformed, "is attention of a kind that is not written") }
    let queries = byHeads(&export, node, 0, [0, 2, 1, 3])
    let keys = byHeads(&export, node, 1, [0, 2, 3, 1])
    let values = byHeads(&export, node, 2, [0, 2, 1, 3])
    var scores = export.step("MatMul", node, [queries, keys])
    let divisor = rule.scale == 0 ? Float(size.depth).squareRoot() : 1 / rule.scale
    scores = export.step("Div", node, [scores, export.number(divisor)])
    if hasMask {
      let added = mask(&export, node)
      scores = export.step("Add", node, [scores, added])
    }
    if rule.isCausal {
      let (rows, columns) = (size.queries, size.keys)
      let triangle = export.constant("causal.\(rows)x\(columns)") {
        ModelFile.Tensor(
          $0, [1, 1, rows, columns],
          floats: (0..<rows * columns).map { $0 % columns > $0 / columns ? Self.hidden : 0 })
      }
      scores = export.step("Add", node, [scores, triangle])
    }
    let shares = export.step(
      "Softmax", node, [scores], attributes: [ModelFile.Attribute("axis", .integer(-1))])
    let sums = export.step("MatMul", node, [shares, values])
    let rows = export.step(
      "Transpose", node, [sums],
      attributes: [ModelFile.Attribute("perm", .integers([0, 2, 1, 3]))])
    export.append(
      "Reshape", node, inputs: [rows, export.list([0, 0, heads * size.width])])
  }

  /// An input with its heads as a dimension, in an order.
  private func byHeads(
    _ export: inout ModelExport, _ node: Graph.Node, _ input: Int, _ order: [Int64]
  ) -> String {
    let lengths = export.list([0, 0, heads, -1])
    let cut = export.step("Reshape", node, [export.name(node.inputs[input]), lengths])
    return export.step(
      "Transpose", node, [cut], attributes: [ModelFile.Attribute("perm", .integers(order))])
  }

  /// What is added to scores by flags of keys that are seen; once for all that read the same flags.
  private func mask(_ export: inout ModelExport, _ node: Graph.Node) -> String {
    let flags = export.name(node.inputs[3])
    if let known = export.shared["mask.\(flags)"] { return known }
    let mask = export.step(
      "Where", node, [flags, export.number(0), export.number(Self.hidden)])
    export.shared["mask.\(flags)"] = mask
    return mask
  }
}

extension RecurrentLayer: ExportedOperator {
  /// Writes an LSTM with steps outermost and gates in ONNX's order, which runtimes compute once.
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let lengths = node.inputs.prefix(3).map { value in
      export.source[value].type.dimensions.map { $0.length ?? 0 }
    }
    guard weights == .torch, isBatchFirst, let bias = places.bias,
      let (width, states) = lengths[2].last.map({ (lengths[1][1], $0) })
    else { throw Problem(.malformed, "is a recurrent layer of a kind that is not written") }
    let gates = cell.gates * states
    let sequences = export.name(node.inputs[0])
    let steps = turned(&export, node, sequences)
    let inputs = ordered(&export, node, 1, states, to: [1, gates, width])
    let recurrent = ordered(&export, node, 2, states, to: [1, gates, states])
    let biases = [bias, bias + 1].map { ordered(&export, node, $0, states, to: [1, gates]) }
    let added = export.step(
      "Concat", node, biases, attributes: [ModelFile.Attribute("axis", .integer(1))])
    var read = [steps, inputs, recurrent, added]
    if let state = places.state, let cell = places.cell {
      // No lengths of sequences: all have all steps.
      read.append("")
      for input in [state, cell] {
        let name = export.name(node.inputs[input])
        read.append(turned(&export, node, name))
      }
    }
    let given = node.outputs.map { value in
      export.isRead(value) ? export.unique("\(export.source[value].name).lstm") : ""
    }
    export.append(
      "LSTM", node, inputs: read, outputs: given,
      attributes: [ModelFile.Attribute("hidden_size", .integer(Int64(states)))])
    for (index, value) in node.outputs.enumerated() where !given[index].isEmpty {
      let order: [Int64] = index == 0 ? [2, 0, 1, 3] : [1, 0, 2]
      let name = export.name(value, export.source[value].name)
      export.append(
        "Transpose", node, inputs: [given[index]], outputs: [name],
        attributes: [ModelFile.Attribute("perm", .integers(order))])
    }
  }

  /// Items before steps, or the other way round.
  private func turned(
    _ export: inout ModelExport, _ node: Graph.Node, _ name: String
  ) -> String {
    export.step(
      "Transpose", node, [name], attributes: [ModelFile.Attribute("perm", .integers([1, 0, 2]))])
  }

  /// A tensor of gates in PyTorch's order, in ONNX's.
  private func ordered(
    _ export: inout ModelExport, _ node: Graph.Node, _ input: Int, _ states: Int,
    to lengths: [Int]
  ) -> String {
    let name = export.name(node.inputs[input])
    let cut = [cell.gates, states] + (lengths.count == 3 ? [lengths[2]] : [])
    let blocks = export.step("Reshape", node, [name, export.list(cut)])
    let order = export.list(Self.torchGates)
    let moved = export.step(
      "Gather", node, [blocks, order], attributes: [ModelFile.Attribute("axis", .integer(0))])
    return export.step("Reshape", node, [moved, export.list(lengths)])
  }
}

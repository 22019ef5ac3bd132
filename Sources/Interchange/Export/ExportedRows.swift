import Basics
import Formats
import Graphs

extension Convolution {
  /// Writes a fully connected layer over rows of any rank: a product, and a sum.
  ///
  /// Parts of one matrix that read the same rows are one product, whose result is split.
  func exportRows(_ export: inout ModelExport, _ node: Graph.Node) {
    let parts = parts(beside: node, in: export.source)
    if let parts {
      guard parts[0].outputs == node.outputs else { return }
      let whole = product(&export, node, ofPart: false)
      let lengths = export.list(parts.compactMap { ($0.op as? Convolution)?.filters })
      let outputs = parts.map { export.name($0.outputs[0], $0.name) }
      export.append(
        "Split", node, inputs: [whole, lengths], outputs: outputs,
        attributes: [ModelFile.Attribute("axis", .integer(-1))])
      return
    }
    let (rows, weights) = operands(&export, node, ofPart: true)
    guard let biasInput else { return export.append("MatMul", node, inputs: [rows, weights]) }
    let sum = export.step("MatMul", node, [rows, weights])
    let added = bias(&export, node, biasInput, ofPart: true)
    export.append("Add", node, inputs: [sum, added])
  }

  /// The layers that read the same rows and give all outputs of the matrix between them, in order;
  /// nil where there are none.
  private func parts(beside node: Graph.Node, in graph: Graph) -> [Graph.Node]? {
    guard let part else { return nil }
    let parts = graph.nodes.filter { other in
      (other.op as? Convolution)?.part != nil && other.inputs[1] == node.inputs[1]
    }
    var next = 0
    for other in parts {
      guard let op = other.op as? Convolution, op.part?.first == next,
        other.inputs == node.inputs
      else { return nil }
      next += op.filters
    }
    return next == part.total ? parts : nil
  }

  /// The product with the bias added, as a value that is no output of the node.
  private func product(
    _ export: inout ModelExport, _ node: Graph.Node, ofPart: Bool
  ) -> String {
    let (rows, weights) = operands(&export, node, ofPart: ofPart)
    let sum = export.step("MatMul", node, [rows, weights])
    guard let biasInput else { return sum }
    let added = bias(&export, node, biasInput, ofPart: ofPart)
    return export.step("Add", node, [sum, added])
  }

  /// Rows, and the matrix `inputs × outputs`.
  private func operands(
    _ export: inout ModelExport, _ node: Graph.Node, ofPart: Bool
  ) -> (rows: String, weights: String) {
    var weights = export.name(node.inputs[1])
    if ofPart, let part {
      weights = slice(&export, node, weights, part, axis: isStoredByInput ? 1 : 0)
    }
    if !isStoredByInput {
      weights = export.step(
        "Transpose", node, [weights], attributes: [ModelFile.Attribute("perm", .integers([1, 0]))])
    }
    return (export.name(node.inputs[0]), weights)
  }

  private func bias(
    _ export: inout ModelExport, _ node: Graph.Node, _ input: Int, ofPart: Bool
  ) -> String {
    let bias = export.name(node.inputs[input])
    guard ofPart, let part else { return bias }
    return slice(&export, node, bias, part, axis: 0)
  }

  private func slice(
    _ export: inout ModelExport, _ node: Graph.Node, _ name: String, _ part: Part, axis: Int
  ) -> String {
    let bounds = [[part.first], [part.first + filters], [axis]].map { export.list($0) }
    return export.step("Slice", node, [name] + bounds)
  }
}

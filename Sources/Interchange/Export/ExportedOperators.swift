import Basics
import Formats
import Graphs
import Kernels

extension Convolution: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    guard epilogue == Epilogue(), !foldsNorm else {
      throw Problem(.malformed, "has been fused with others; export the graph as it is written")
    }
    guard !readsRows else { return exportRows(&export, node) }
    guard flattens else {
      return export.append(
        "Conv", node,
        attributes: [
          .list("dilations", dilations), ModelFile.Attribute("group", .integer(Int64(groups))),
          .list("kernel_shape", window), .pads(paddings), .list("strides", strides),
        ])
    }
    var inputs = node.inputs.map { export.name($0) }
    if export.source[node.inputs[0]].type.dimensions.count != 2 {
      inputs[0] = export.step(
        "Flatten", node, [inputs[0]], attributes: [ModelFile.Attribute("axis", .integer(1))])
    }
    export.append(
      "Gemm", node, inputs: inputs, attributes: [ModelFile.Attribute("transB", .integer(1))])
  }
}

extension BatchNormalization: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    guard epilogue == Epilogue() else {
      throw Problem(.malformed, "has been fused with others; export the graph as it is written")
    }
    export.append(
      "BatchNormalization", node,
      attributes: [ModelFile.Attribute("epsilon", .float(Float(epsilon)))])
  }
}

extension ReLU: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) { export.append("Relu", node) }
}

extension Tanh: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) { export.append("Tanh", node) }
}

extension Flattening: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    export.append("Flatten", node, attributes: [ModelFile.Attribute("axis", .integer(1))])
  }
}

extension Addition: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) { export.append("Add", node) }
}

extension Concatenation: ExportedOperator {
  /// Channels are the second dimension of an image, and the last one of all else.
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    let rank = export.source[node.outputs[0]].type.dimensions.count
    let axis = Int64(rank == 4 ? 1 : rank - 1)
    export.append("Concat", node, attributes: [ModelFile.Attribute("axis", .integer(axis))])
  }
}

extension MaxPooling: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    export.append(
      "MaxPool", node,
      attributes: [
        .list("kernel_shape", PerAxis(window)), .pads(PerAxis(padding)),
        .list("strides", PerAxis(stride)),
      ])
  }
}

extension AdaptiveAveragePooling: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let lengths = export.source[node.inputs[0]].type.dimensions.map { $0.length ?? 0 }
    let (rows, columns) = (lengths[1], lengths[2])
    if side == 1 { return export.append("GlobalAveragePool", node) }
    guard rows % side == 0, columns % side == 0 else {
      throw Problem(
        .malformed,
        "averages \(side) x \(side) unequal parts of \(rows) x \(columns), which no operator of "
          + "ONNX does; choose another size of the images")
    }
    guard rows > side || columns > side else { return export.append("Identity", node) }
    let window = PerAxis(rows / side, columns / side)
    export.append(
      "AveragePool", node,
      attributes: [.list("kernel_shape", window), .list("strides", window)])
  }
}

extension AveragePooling: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    export.append(
      "AveragePool", node,
      attributes: [
        ModelFile.Attribute("count_include_pad", .integer(1)),
        .list("kernel_shape", PerAxis(window)), .pads(PerAxis(padding)),
        .list("strides", PerAxis(stride)),
      ])
  }
}

extension ModelFile.Attribute {
  /// A number for rows and one for columns.
  fileprivate static func list(_ name: String, _ numbers: PerAxis) -> ModelFile.Attribute {
    ModelFile.Attribute(
      name, .integers([Int64(numbers.vertical), Int64(numbers.horizontal)]))
  }

  /// The same border on opposite sides.
  fileprivate static func pads(_ numbers: PerAxis) -> ModelFile.Attribute {
    let pair = [Int64(numbers.vertical), Int64(numbers.horizontal)]
    return ModelFile.Attribute("pads", .integers(pair + pair))
  }
}

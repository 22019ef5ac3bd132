import Basics
import Formats
import Graphs
import Kernels
import Models

extension LinearQuantization: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    export.append(
      "QuantizeLinear", node,
      inputs: [export.name(node.inputs[0])] + export.scaleAndZero(quantization, node))
  }
}

extension LinearDequantization: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) {
    export.append(
      "DequantizeLinear", node,
      inputs: [export.name(node.inputs[0])] + export.scaleAndZero(quantization, node))
  }
}

extension ModelExport {
  /// Names of the scale and the zero point of a node, as constants of the model.
  fileprivate mutating func scaleAndZero(
    _ quantization: Quantization, _ node: Graph.Node
  ) -> [String] {
    [
      constant("\(node.name).scale", [], floats: [quantization.scale]),
      constant("\(node.name).zero", .uint8, [], bytes: [quantization.zeroPoint]),
    ]
  }

  /// Appends what restores a parameter that is kept as whole numbers: signed bytes for filters, 32
  /// bits for biases, one scale for each index of the outermost dimension and no zero points.
  ///
  /// - Parameters:
  ///   - parameter: With scales.
  ///   - weights: Where its numbers come from, whole multiples of them.
  /// - Returns: The initializer that takes the parameter's place.
  mutating func restore(_ parameter: Parameter, weights: some WeightSource) -> ModelFile.Tensor {
    let scales = parameter.scales ?? []
    let isBias = parameter.role == .bias
    let stored = unique("\(parameter.name).quantized")
    let zeros = [UInt8](repeating: 0, count: scales.count * (isBias ? 4 : 1))
    let element: ModelFile.Element = isBias ? .int32 : .int8
    let inputs = [
      stored, constant("\(parameter.name).scale", [scales.count], floats: scales),
      constant("\(parameter.name).zero", element, [scales.count], bytes: zeros),
    ]
    appendFirst(
      ModelFile.Node(
        "DequantizeLinear", name: unique("\(parameter.name).restored"), inputs: inputs,
        outputs: [parameter.name],
        attributes: [ModelFile.Attribute("axis", .integer(0))]))
    return ModelFile.Tensor(
      stored, element, parameter.shape,
      .made { () throws(Problem) in
        let values = try weights.values(parameter)
        let size = values.count / max(scales.count, 1)
        let steps = values.enumerated().map { index, value in
          (Double(value) / Double(scales[index / size])).rounded(.toNearestOrEven)
        }
        return isBias
          ? steps.map { Int32(clamping: Int64($0)) }.withUnsafeBytes { Array($0) }
          : steps.map { UInt8(bitPattern: Int8(clamping: Int($0))) }
      })
  }
}

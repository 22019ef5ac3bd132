import Basics
import Kernels

extension Graph {
  /// The graph with values rounded to bytes, and filters and biases to whole multiples of scales.
  ///
  /// Between QuantizeLinear and DequantizeLinear everything still is a float, so that it is what a
  /// file says; `recognisingBytes` makes operators on bytes of it.
  ///
  /// - Parameters:
  ///   - bytes: What the bytes of each value stand for that is quantized.
  ///   - filters: Scales of the filters of layers, by their node's index.
  /// - Returns: The graph with more nodes; parameters of the same names, some with scales.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func quantizing(
    _ bytes: [Value: Quantization], filters: [Int: FilterSteps]
  ) throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    var restored: [Value: Value] = [:]
    func quantize(_ value: Value, _ builder: inout GraphBuilder) throws(Problem) {
      guard let quantization = bytes[value] else { return }
      let name = self[value].name
      let steps = try builder.append(
        "\(name).quantized", LinearQuantization(quantization), [value])
      restored[value] = try builder.append(
        "\(name).restored", LinearDequantization(quantization), steps)[0]
    }
    for port in inputs { try quantize(port.value, &builder) }
    for (index, node) in nodes.enumerated() {
      var node = node
      if let steps = filters[index], let layer = node.op as? Convolution,
        let input = bytes[node.inputs[0]]
      {
        let sums = steps.scales.map { Float(Double(input.scale) * Double($0)) }
        let scales = [(1, steps.scales)] + (layer.biasInput.map { [($0, sums)] } ?? [])
        for (place, scales) in scales {
          guard var parameter = self[node.inputs[place]].parameter else { continue }
          parameter.scales = scales
          node.inputs[place] = builder.parameter(parameter)
        }
      }
      node.inputs = node.inputs.map { restored[$0] ?? $0 }
      builder.append(node)
      for value in node.outputs { try quantize(value, &builder) }
    }
    for port in outputs { builder.output(port.name, port.value) }
    return try builder.graph()
  }
}

import Basics
import Kernels

/// Operators on floats between dequantized inputs and a quantized output, and what on bytes takes
/// their place.
struct BytePatterns {
  private let graph: Graph
  private let readers: [[Int]]
  private let kept: Set<Graph.Value>
  private var builder: GraphBuilder
  /// Bytes by the value that they are dequantized to.
  private var bytes: [Graph.Value: Graph.Value] = [:]
  /// Nodes whose work another one does.
  private var isTaken: [Bool]
  /// Values that others take the place of.
  private var replacements: [Graph.Value: Graph.Value] = [:]

  init(_ graph: Graph) {
    (self.graph, readers, kept) = (graph, graph.readers, graph.kept)
    builder = GraphBuilder(graph, keepsNodes: false)
    isTaken = [Bool](repeating: false, count: graph.nodes.count)
  }

  /// The graph on bytes.
  mutating func run() throws(Problem) -> Graph {
    for (index, node) in graph.nodes.enumerated() where !isTaken[index] {
      if let op = node.op as? LinearDequantization {
        let source = current(node.inputs[0])
        if builder[source].type.quantization == op.quantization { bytes[node.outputs[0]] = source }
        keep(node)
      } else if try !replace(node) {
        keep(node)
      }
    }
    for port in graph.outputs { builder.output(port.name, current(port.value)) }
    for update in graph.updates { builder.update(update.parameter, to: current(update.value)) }
    builder.prune()
    return try builder.graph()
  }

  private mutating func keep(_ node: Graph.Node) {
    var node = node
    node.inputs = node.inputs.map { current($0) }
    builder.append(node)
  }

  private func current(_ value: Graph.Value) -> Graph.Value {
    replacements[value].map { current($0) } ?? value
  }

  /// What a node's output is read by alone, and nobody outside.
  private func onlyReader(_ value: Graph.Value) -> Int? {
    readers[value.index].count == 1 && !kept.contains(value) ? readers[value.index][0] : nil
  }

  /// How a node's output ends: an activation that bounds can stand for, and bytes.
  private struct Ending {
    /// The nodes that are a part of it.
    var parts: [Int] = []
    var activation: PointwiseFunction?
    /// What is given in the end.
    var output: Graph.Value
    /// What its bytes stand for; nil where it stays a float.
    var quantization: Quantization?

    /// The bytes that the activation leaves.
    var range: QuantizedRange? {
      quantization.flatMap { QuantizedRange($0, activation: activation) }
    }
  }

  private func ending(_ node: Graph.Node) -> Ending {
    var ending = Ending(output: node.outputs[0])
    if let next = onlyReader(ending.output), let function = graph.nodes[next].op.bound {
      (ending.activation, ending.output) = (function, graph.nodes[next].outputs[0])
      ending.parts.append(next)
    }
    if let next = onlyReader(ending.output),
      let op = graph.nodes[next].op as? LinearQuantization
    {
      (ending.quantization, ending.output) = (op.quantization, graph.nodes[next].outputs[0])
      ending.parts.append(next)
    }
    return ending
  }

  /// Bytes and what they stand for.
  private func source(_ value: Graph.Value) -> (value: Graph.Value, quantization: Quantization)? {
    guard let source = bytes[value], let quantization = builder[source].type.quantization else {
      return nil
    }
    return (source, quantization)
  }

  /// Appends what takes the place of a node and of those behind it, if anything does.
  private mutating func replace(_ node: Graph.Node) throws(Problem) -> Bool {
    switch node.op {
    case let op as Convolution: return convolve(node, op)
    case is Addition: return add(node)
    case is MaxPooling, is Concatenation: return try select(node)
    case let op as AveragePooling: return average(node, .sliding(op))
    case let op as AdaptiveAveragePooling:
      let sides = graph[node.inputs[0]].type.dimensions.dropFirst().prefix(2)
      guard sides.allSatisfy({ ($0.length ?? 1) % op.side == 0 }) else { return false }
      return average(node, .parts(op))
    case let op as LinearQuantization: return requantize(node, op.quantization)
    case is Reshape, is Transpose: return try carry(node)
    default:
      guard let function = node.op.elementFunction else { return false }
      return map(node, function)
    }
  }

  private mutating func finish(
    _ node: Graph.Node, _ op: some Operator, _ inputs: [Graph.Value], _ ending: Ending
  ) -> Bool {
    for part in ending.parts { isTaken[part] = true }
    builder.append(
      Graph.Node(name: node.name, op: op, inputs: inputs, outputs: [ending.output]))
    return true
  }

  private mutating func convolve(_ node: Graph.Node, _ op: Convolution) -> Bool {
    guard op.hasPlainFilters, let image = source(node.inputs[0]),
      let scales = graph[node.inputs[1]].parameter?.scales, scales.count == op.filters,
      scales.allSatisfy({ $0.isNormal && $0 > 0 }),
      op.biasInput.map({ graph[node.inputs[$0]].parameter != nil }) ?? true
    else { return false }
    let ending = ending(node)
    let epilogue: Int8Epilogue
    if let range = ending.range {
      epilogue = .quantized(range)
    } else {
      switch ending.activation {
      case nil: epilogue = .real()
      case .relu?: epilogue = .real(least: 0)
      case .clip(let least, let most)?: epilogue = .real(least: min(least, most), most: most)
      default: return false
      }
    }
    let quantized = QuantizedConvolution(
      op, input: image.quantization, scales: scales, epilogue: epilogue,
      hasActivation: ending.activation != nil)
    let inputs = [image.value] + node.inputs.dropFirst()
    return finish(node, quantized, Array(inputs), ending)
  }

  private mutating func add(_ node: Graph.Node) -> Bool {
    let ending = ending(node)
    guard let left = source(node.inputs[0]), let right = source(node.inputs[1]),
      let range = ending.range
    else { return false }
    let op = ByteAddition(left.quantization, right.quantization, total: range)
    return finish(node, op, [left.value, right.value], ending)
  }

  private mutating func average(
    _ node: Graph.Node, _ windows: ByteAveragePooling.Windows
  ) -> Bool {
    let ending = ending(node)
    guard let image = source(node.inputs[0]), ending.activation == nil,
      let quantization = ending.quantization
    else { return false }
    let op = ByteAveragePooling(windows, input: image.quantization, output: quantization)
    return finish(node, op, [image.value], ending)
  }

  /// What gives some of the numbers that it is given.
  private mutating func select(_ node: Graph.Node) throws(Problem) -> Bool {
    let ending = ending(node)
    guard ending.activation == nil, let quantization = ending.quantization,
      node.outputs.count == 1
    else { return false }
    var inputs: [Graph.Value] = []
    for (place, input) in node.inputs.enumerated() {
      guard let image = source(input) else { return false }
      guard image.quantization != quantization else {
        inputs.append(image.value)
        continue
      }
      let op = ByteMapping(from: image.quantization, to: quantization)
      inputs.append(try builder.append("\(node.name).input\(place)", op, [image.value])[0])
    }
    for part in ending.parts { isTaken[part] = true }
    builder.append(
      Graph.Node(name: node.name, op: node.op, inputs: inputs, outputs: [ending.output]))
    return true
  }

  /// The same elements under other dimensions or in another order: bytes as well as what they stand
  /// for, of which the one that nobody reads is left out in the end.
  private mutating func carry(_ node: Graph.Node) throws(Problem) -> Bool {
    guard let image = source(node.inputs[0]) else { return false }
    bytes[node.outputs[0]] = try builder.append("\(node.name).bytes", node.op, [image.value])[0]
    keep(node)
    return true
  }

  private mutating func map(
    _ node: Graph.Node, _ function: PointwiseFunction
  ) -> Bool {
    guard let image = source(node.inputs[0]), let next = onlyReader(node.outputs[0]),
      let last = graph.nodes[next].op as? LinearQuantization
    else { return false }
    let op = ByteMapping(from: image.quantization, to: last.quantization, by: function)
    isTaken[next] = true
    builder.append(
      Graph.Node(
        name: node.name, op: op, inputs: [image.value], outputs: graph.nodes[next].outputs))
    return true
  }

  /// Bytes that are quantized again.
  private mutating func requantize(
    _ node: Graph.Node, _ quantization: Quantization
  ) -> Bool {
    guard let image = source(node.inputs[0]) else { return false }
    if image.quantization == quantization, !kept.contains(node.outputs[0]) {
      replacements[node.outputs[0]] = image.value
    } else {
      let op = ByteMapping(from: image.quantization, to: quantization)
      builder.append(
        Graph.Node(name: node.name, op: op, inputs: [image.value], outputs: node.outputs))
    }
    return true
  }
}

extension Operator {
  /// Whether it is an activation that bounds of bytes can stand for.
  var isBound: Bool { bound != nil }

  /// The activation that bounds of bytes can stand for; nil for all else.
  fileprivate var bound: PointwiseFunction? {
    switch self {
    case is ReLU: return .relu
    case let op as Pointwise:
      switch op.function {
      case .relu, .clip: return op.function
      default: return nil
      }
    default: return nil
    }
  }

  /// The function of one float that this is; nil for all else.
  fileprivate var elementFunction: PointwiseFunction? {
    switch self {
    case is ReLU: .relu
    case let op as Pointwise where op.function.output(of: .f32) == .f32: op.function
    default: nil
    }
  }
}

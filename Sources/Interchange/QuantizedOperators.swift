import Basics
import Formats

/// Takes operators on whole numbers apart into one that restores each input, the same operator on
/// floats, and one that rounds what it gives.
///
/// That is how `QLinearConv` and the others are defined, and the form that files with QuantizeLinear
/// and DequantizeLinear have, which then runs on bytes.
///
/// Source: ONNX, operators QLinearConv and QLinearMatMul; ONNX Runtime, ContribOperators.md, domain
/// com.microsoft.
struct QuantizedOperators {
  /// What whole numbers stand for, by the names of a scale and a zero point.
  private struct Steps: Hashable {
    var scale: String
    var zero: String
  }

  /// Operators that pass on what they are given or choose among it: they do the same to whole numbers.
  private static let passing: Set = [
    "Concat", "Flatten", "MaxPool", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
  ]
  private static let microsoft = "com.microsoft"

  /// Names that are in use.
  private var taken: Set<String>
  /// Names of constants of one number.
  private let numbers: Set<String>
  private var steps: [String: Steps] = [:]
  private var nodes: [ModelFile.Node] = []

  private init(_ graph: ModelFile.Graph) {
    taken = graph.defined
    let single = graph.initializers.filter { $0.dimensions.allSatisfy { $0 == 1 } }
    numbers = Set(single.map(\.name))
  }

  /// A graph without operators on whole numbers; those that cannot be taken apart stay.
  static func takenApart(_ graph: ModelFile.Graph) -> ModelFile.Graph {
    guard graph.nodes.contains(where: { $0.operation.hasPrefix("Q") || $0.domain == microsoft })
    else { return graph }
    var expansion = QuantizedOperators(graph)
    for node in graph.nodes {
      if !expansion.expand(node) { expansion.nodes.append(node) }
    }
    var result = graph
    result.nodes = expansion.nodes
    return result
  }

  /// Appends what takes a node's place, if anything does.
  private mutating func expand(_ node: ModelFile.Node) -> Bool {
    guard let output = node.outputs.first, !output.isEmpty, node.outputs.count == 1 else {
      return false
    }
    if ModelFile.isOwn(node.domain) {
      switch node.operation {
      case "QuantizeLinear":
        note(output, node.input(1), node.input(2))
        return false
      case "QLinearConv": return convolve(node)
      case "QLinearMatMul": return multiply(node)
      default: return Self.passing.contains(node.operation) && pass(node)
      }
    }
    guard node.domain == Self.microsoft, !node.isTold("channels_last") else { return false }
    switch node.operation {
    case "QuantizeLinear", "DequantizeLinear":
      var own = node
      own.domain = ""
      if node.operation == "QuantizeLinear" { note(output, node.input(1), node.input(2)) }
      nodes.append(own)
      return true
    case "QLinearConv": return convolve(node)
    case "QGemm": return gemm(node)
    case "QLinearAdd": return pair("Add", node)
    case "QLinearMul": return pair("Mul", node)
    case "QLinearAveragePool": return single("AveragePool", node)
    case "QLinearGlobalAveragePool": return single("GlobalAveragePool", node)
    case "QLinearLeakyRelu": return single("LeakyRelu", node)
    case "QLinearSigmoid": return single("Sigmoid", node)
    case "QLinearConcat": return join(node)
    default: return false
    }
  }

  private mutating func convolve(_ node: ModelFile.Node) -> Bool {
    guard node.has(0..<8) else { return false }
    var inputs = [restored(node, 0), restored(node, 3, axis: 0)]
    if !node.input(8).isEmpty { inputs.append(bias(node, 8, scales: 1, 4, axis: 0)) }
    finish("Conv", node, inputs, 6)
    return true
  }

  private mutating func multiply(_ node: ModelFile.Node) -> Bool {
    guard node.has(0..<8) else { return false }
    finish("MatMul", node, [restored(node, 0, axis: -2), restored(node, 3, axis: -1)], 6)
    return true
  }

  /// `alpha · (A · B + C)`, C in steps of the product; floats where no scale of a result is given.
  private mutating func gemm(_ node: ModelFile.Node) -> Bool {
    guard node.has(0..<6), node.input(7).isEmpty == node.input(8).isEmpty else { return false }
    let columns = node.isTold("transB") ? 0 : 1
    var inputs = [restored(node, 0), restored(node, 3, axis: columns)]
    if !node.input(6).isEmpty { inputs.append(bias(node, 6, scales: 1, 4, axis: -1)) }
    let beta = node["alpha"].map { [ModelFile.Attribute("beta", $0)] } ?? []
    guard node.input(7).isEmpty else {
      finish("Gemm", node, inputs, 7, told: beta)
      return true
    }
    nodes.append(
      ModelFile.Node(
        "Gemm", name: node.name, inputs: inputs, outputs: node.outputs,
        attributes: node.attributes + beta))
    return true
  }

  private mutating func pair(_ operation: String, _ node: ModelFile.Node) -> Bool {
    guard node.has(0..<8) else { return false }
    finish(operation, node, [restored(node, 0), restored(node, 3)], 6)
    return true
  }

  private mutating func single(_ operation: String, _ node: ModelFile.Node) -> Bool {
    guard node.has(0..<5) else { return false }
    finish(operation, node, [restored(node, 0)], 3)
    return true
  }

  private mutating func join(_ node: ModelFile.Node) -> Bool {
    guard node.has(0..<node.inputs.count), node.inputs.count >= 5, node.inputs.count % 3 == 2
    else { return false }
    let parts = stride(from: 2, to: node.inputs.count, by: 3).map { restored(node, $0) }
    finish("Concat", node, parts, 0)
    return true
  }

  /// An operator that passes on whole numbers of one scale does so with what they stand for, which the
  /// same scale then gives back exactly.
  private mutating func pass(_ node: ModelFile.Node) -> Bool {
    guard let own = node.inputs.first.flatMap({ steps[$0] }) else { return false }
    let count = node.operation == "Concat" ? node.inputs.count : 1
    guard node.inputs.prefix(count).allSatisfy({ steps[$0] == own }) else { return false }
    let parts = node.inputs.prefix(count).map { restored($0, own, of: node, axis: nil) }
    finish(
      node.operation, node, parts + node.inputs.dropFirst(count), scale: own.scale, zero: own.zero,
      told: [])
    return true
  }

  /// Notes what whole numbers stand for where it is one scale for all.
  private mutating func note(_ value: String, _ scale: String, _ zero: String) {
    guard numbers.contains(scale), zero.isEmpty || numbers.contains(zero) else { return }
    steps[value] = Steps(scale: scale, zero: zero)
  }

  /// The numbers that an input stands for, its scale and zero point being the next two inputs.
  private mutating func restored(
    _ node: ModelFile.Node, _ place: Int, axis: Int? = nil
  ) -> String {
    let own = Steps(scale: node.input(place + 1), zero: node.input(place + 2))
    return restored(node.input(place), own, of: node, axis: axis)
  }

  private mutating func restored(
    _ value: String, _ own: Steps, of node: ModelFile.Node, axis: Int?
  ) -> String {
    let output = fresh("\(node.title)/\(value)")
    nodes.append(
      ModelFile.Node(
        "DequantizeLinear", name: output,
        inputs: [value, own.scale] + (own.zero.isEmpty ? [] : [own.zero]), outputs: [output],
        attributes: axis.map { [ModelFile.Attribute("axis", .integer(Int64($0)))] } ?? []))
    return output
  }

  /// A bias in steps of a product, each of which is the product of both operands' scales.
  private mutating func bias(
    _ node: ModelFile.Node, _ place: Int, scales left: Int, _ right: Int, axis: Int
  ) -> String {
    let scale = fresh("\(node.title)/\(node.input(place)).scale")
    nodes.append(
      ModelFile.Node(
        "Mul", name: scale, inputs: [node.input(left), node.input(right)], outputs: [scale]))
    return restored(node.input(place), Steps(scale: scale, zero: ""), of: node, axis: axis)
  }

  /// Appends the operator on floats, and what rounds its result by the scale at a place.
  private mutating func finish(
    _ operation: String, _ node: ModelFile.Node, _ inputs: [String], _ place: Int,
    told: [ModelFile.Attribute] = []
  ) {
    finish(
      operation, node, inputs, scale: node.input(place), zero: node.input(place + 1), told: told)
  }

  private mutating func finish(
    _ operation: String, _ node: ModelFile.Node, _ inputs: [String], scale: String, zero: String,
    told: [ModelFile.Attribute]
  ) {
    let value = fresh("\(node.title)/value")
    nodes.append(
      ModelFile.Node(
        operation, name: node.name, inputs: inputs, outputs: [value],
        attributes: node.attributes.filter { $0.name != "channels_last" } + told))
    nodes.append(
      ModelFile.Node(
        "QuantizeLinear", name: fresh("\(node.title)/rounded"),
        inputs: [value, scale] + (zero.isEmpty ? [] : [zero]), outputs: node.outputs))
    note(node.outputs[0], scale, zero)
  }

  /// A name that nothing has yet.
  private mutating func fresh(_ wish: String) -> String {
    var (name, number) = (wish, 2)
    while !taken.insert(name).inserted {
      name = "\(wish)#\(number)"
      number += 1
    }
    return name
  }
}

extension ModelFile.Node {
  /// The name of an input; empty where it is left out.
  fileprivate func input(_ place: Int) -> String {
    inputs.indices.contains(place) ? inputs[place] : ""
  }

  /// Whether it has all of these inputs.
  fileprivate func has(_ places: Range<Int>) -> Bool {
    places.allSatisfy { !input($0).isEmpty }
  }

  /// Whether it is told a whole number other than 0.
  fileprivate func isTold(_ name: String) -> Bool {
    if case .integer(let value)? = self[name] { value != 0 } else { false }
  }
}

import Basics
import Graphs

/// Products with constant matrices: fully connected layers.
enum Products {
  /// How each is translated.
  static let rules = [
    "Gemm": OperatorRule(emit: gemm), "MatMul": OperatorRule(emit: matMul),
  ]

  @Sendable
  private static func gemm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard try node.integer("transA", 0) == 0 else {
      throw Problem(.malformed, "has transA, which is not supported")
    }
    var matrix = ImportedWeights.Change(isTransposed: try node.integer("transB", 0) == 0)
    matrix.factor = try node.float("alpha", 1)
    var added = ImportedWeights.Change()
    added.factor = try node.float("beta", 1)
    let bias = added.factor == 0 ? nil : try node.constant(2, "biases")
    return [.placed(try linear(&translator, node, matrix, bias.map { ($0, added) }))]
  }

  @Sendable
  private static func matMul(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let matrix = ImportedWeights.Change(isTransposed: true)
    guard let (index, bias) = following(translator, node) else {
      return [.placed(try linear(&translator, node, matrix, nil))]
    }
    let result = try linear(&translator, node, matrix, (bias, ImportedWeights.Change()))
    translator.taken.insert(index)
    translator.known[translator.structure.nodes[index].outputs[0]] = .placed(result)
    return [.placed(result)]
  }

  /// The addition of a constant row that alone reads the product, if there is one.
  private static func following(
    _ translator: Translator, _ node: OperatorNode
  ) -> (index: Int, bias: Constant)? {
    guard let output = node.node.outputs.first, node.inputs.count == 2,
      let columns = node.inputs[1]?.constant?.dimensions.last,
      let index = translator.structure.onlyReader(output)
    else { return nil }
    let next = translator.structure.nodes[index]
    guard next.operation == "Add", next.outputs.count == 1,
      let other = next.inputs.first(where: { $0 != output }),
      let bias = translator.known[other]?.constant, bias.count == columns,
      bias.dimensions.last == columns, bias.dimensions.count <= 2
    else { return nil }
    return (index, bias)
  }

  /// A fully connected layer over rows, or over what a flattened image has.
  private static func linear(
    _ translator: inout Translator, _ node: OperatorNode, _ change: ImportedWeights.Change,
    _ bias: (constant: Constant, change: ImportedWeights.Change)?
  ) throws(Problem) -> PlacedValue {
    let rows = try node.placed(0)
    guard let matrix = try node.constant(1, "weights") else {
      throw Problem(.malformed, "lacks its weights")
    }
    guard rows.dimensions.count == 2, matrix.dimensions.count == 2 else {
      throw Problem(
        .malformed,
        "multiplies \(translator.lengths(rows.dimensions)) by \(matrix.dimensions); supported are "
          + "rows by a matrix")
    }
    let shape = change.isTransposed ? matrix.dimensions.reversed() : matrix.dimensions
    let own = translator.builder[rows.value].type.dimensions
    let area = rows.layout == .flattened ? (own[1].length ?? 1) * (own[2].length ?? 1) : 1
    var inputs = [rows.value]
    let weights = try translator.parameter(
      matrix, shape: shape, role: .filters, area: area, change: change)
    inputs.append(weights)
    if let (constant, change) = bias {
      var change = change
      guard constant.count == shape[0] || constant.count == 1,
        constant.dimensions.last ?? 1 == constant.count
      else {
        throw Problem(.malformed, "adds \(constant.dimensions); supported is one row")
      }
      change.copies = constant.count == shape[0] ? 1 : shape[0]
      inputs.append(
        try translator.parameter(constant, shape: [shape[0]], role: .bias, change: change))
    }
    let op = Convolution.linear(outputs: shape[0], hasBias: bias != nil)
    let value = try translator.builder.append(node.name, op, inputs)[0]
    return PlacedValue(value: value, dimensions: [rows.dimensions[0], .fixed(shape[0])])
  }
}

import Basics
import Graphs

/// Matrix products: fully connected layers, and products of two computed values.
enum Products {
  static let rules = [
    "Gemm": OperatorRule(emit: gemm, fold: ProductsOfValues.foldedGemm),
    "MatMul": OperatorRule(emit: matMul, fold: ProductsOfValues.foldedMatMul),
  ]

  private static func matMul(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    if let attention = try AttentionPattern.translate(&translator, node) {
      return [.placed(attention)]
    }
    guard case .placed(let rows) = try node.input(0), let matrix = node.inputs.last??.constant,
      node.inputs.count == 2, matrix.dimensions.count == 2, rows.dimensions.count >= 2
    else { return [.placed(try ProductsOfValues.matMul(&translator, node))] }
    let change = ImportedWeights.Change(isTransposed: true)
    guard let (index, bias) = following(translator, node, rank: rows.dimensions.count) else {
      return [.placed(try linear(&translator, node, rows, matrix, change, nil))]
    }
    let result = try linear(
      &translator, node, rows, matrix, change, (bias, ImportedWeights.Change()))
    translator.taken.insert(index)
    translator.known[translator.structure.nodes[index].outputs[0]] = .placed(result)
    return [.placed(result)]
  }

  private static func gemm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let beta = try node.float("beta", 1)
    let term = node.has(2) && beta != 0 ? try node.input(2) : nil
    guard case .placed(let rows) = try node.input(0), let matrix = try node.input(1).constant,
      rows.dimensions.count == 2, matrix.dimensions.count == 2, isRow(term, node, matrix),
      try node.integer("transA", 0) == 0
    else { return [.placed(try ProductsOfValues.gemm(&translator, node))] }
    var change = ImportedWeights.Change(isTransposed: try node.integer("transB", 0) == 0)
    change.factor = try node.float("alpha", 1)
    var added = ImportedWeights.Change()
    added.factor = beta
    let bias = term?.constant.map { ($0, added) }
    return [.placed(try linear(&translator, node, rows, matrix, change, bias))]
  }

  /// Whether what a product adds is known, and one number for each of its columns, or for all.
  private static func isRow(
    _ term: KnownValue?, _ node: OperatorNode, _ matrix: Constant
  ) -> Bool {
    guard let term else { return true }
    guard let constant = term.constant, constant.dimensions.count <= 2 else { return false }
    let isStoredByOutput = (try? node.integer("transB", 0)) ?? 0 != 0
    let columns = isStoredByOutput ? matrix.dimensions[0] : matrix.dimensions[1]
    return (constant.count == columns || constant.count == 1)
      && constant.dimensions.last ?? 1 == constant.count
  }

  /// The addition of a constant row that alone reads the product, if there is one.
  private static func following(
    _ translator: Translator, _ node: OperatorNode, rank: Int
  ) -> (index: Int, bias: Constant)? {
    guard let output = node.node.outputs.first,
      let columns = node.inputs[1]?.constant?.dimensions.last,
      let index = translator.structure.onlyReader(output)
    else { return nil }
    let next = translator.structure.nodes[index]
    guard next.operation == "Add", next.outputs.count == 1,
      let other = next.inputs.first(where: { $0 != output }),
      let bias = translator.known[other]?.constant, bias.count == columns,
      bias.dimensions.last == columns, bias.dimensions.count <= rank
    else { return nil }
    return (index, bias)
  }

  /// A fully connected layer over the innermost dimension, or over what a flattened image has.
  private static func linear(
    _ translator: inout Translator, _ node: OperatorNode, _ rows: PlacedValue, _ matrix: Constant,
    _ change: ImportedWeights.Change,
    _ bias: (constant: Constant, change: ImportedWeights.Change)?
  ) throws(Problem) -> PlacedValue {
    let shape = change.isTransposed ? matrix.dimensions.reversed() : matrix.dimensions
    guard rows.dimensions.last == .fixed(shape[1]) else {
      throw .malformed(
        "multiplies \(translator.lengths(rows.dimensions)) by a matrix of \(shape[1]) rows")
    }
    let isMatrix = rows.dimensions.count == 2
    let own = translator.builder[rows.value].type.dimensions
    let area = rows.layout == .flattened ? (own[1].length ?? 1) * (own[2].length ?? 1) : 1
    var inputs = [isMatrix ? rows.value : try translator.plain(rows, node.name)]
    let weights = try translator.parameter(
      matrix, shape: shape, role: .filters, area: area, change: change)
    inputs.append(weights)
    if let (constant, change) = bias {
      var change = change
      change.copies = constant.count == shape[0] ? 1 : shape[0]
      inputs.append(
        try translator.parameter(constant, shape: [shape[0]], role: .bias, change: change))
    }
    let op =
      isMatrix
      ? Convolution.linear(outputs: shape[0], hasBias: bias != nil)
      : Convolution.rows(outputs: shape[0], hasBias: bias != nil)
    let value = try translator.builder.append(node.name, op, inputs)[0]
    return PlacedValue(value: value, dimensions: rows.dimensions.dropLast() + [.fixed(shape[0])])
  }
}

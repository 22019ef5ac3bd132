import Basics
import Graphs
import Tensors

/// Matrix products whose right-hand matrix is computed, or has more than two dimensions.
enum ProductsOfValues {
  /// `MatMul`: a value of one dimension is a row on the left, a column on the right.
  static func matMul(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> PlacedValue {
    let (a, b) = (try node.lengths(0, translator), try node.lengths(1, translator))
    guard node.inputs.count == 2, !a.isEmpty, !b.isEmpty else {
      throw .malformed("multiplies \(a) by \(b)")
    }
    let left = try translator.operand(
      0, of: node, role: .filters, as: a.count == 1 ? [1] + a : nil)
    let right = try translator.operand(
      1, of: node, role: .filters, as: b.count == 1 ? b + [1] : nil)
    let result = try append(&translator, node, MatrixProduct(), [left, right])
    var dimensions = result.dimensions
    if b.count == 1 { dimensions.removeLast() }
    if a.count == 1 { dimensions.remove(at: dimensions.count - (b.count == 1 ? 1 : 2)) }
    return try translator.reshaped(
      result, to: dimensions, translator.unique("\(node.name).view"))
  }

  /// `Gemm` of anything.
  static func gemm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> PlacedValue {
    let (a, b) = (try node.lengths(0, translator), try node.lengths(1, translator))
    guard a.count == 2, b.count == 2 else {
      throw .malformed("multiplies \(a) by \(b); supported are two matrices")
    }
    var left = try translator.operand(0, of: node, role: .filters)
    if try node.integer("transA", 0) != 0 {
      left = try translator.append(
        translator.unique("\(node.name).turned"), Transpose([1, 0]), left)
    }
    var inputs = [left, try translator.operand(1, of: node, role: .filters)]
    var op = MatrixProduct(
      isTransposed: try node.integer("transB", 0) != 0, alpha: try node.float("alpha", 1))
    let beta = try node.float("beta", 1)
    if node.has(2), beta != 0 {
      let lengths = try node.lengths(2, translator)
      guard lengths.count <= 2 else { throw .malformed("adds \(lengths)") }
      op.beta = beta
      let isMatrix = lengths.count == 2
      inputs.append(
        try translator.operand(
          2, of: node, role: .bias,
          as: isMatrix ? nil : [Int](repeating: 1, count: 2 - lengths.count) + lengths))
    }
    return try append(&translator, node, op, inputs)
  }

  private static func append(
    _ translator: inout Translator, _ node: OperatorNode, _ op: MatrixProduct,
    _ inputs: [Graph.Value]
  ) throws(Problem) -> PlacedValue {
    var op = op
    let types = inputs.map { translator.builder[$0].type }
    op.isPerImage = false
    let output = try op.outputs(types)[0]
    op.isPerImage = types.keepApart(in: output)
    let value = try translator.builder.append(node.name, op, inputs)[0]
    return PlacedValue(value: value, dimensions: output.dimensions)
  }

  /// `MatMul` of constants.
  static func foldedMatMul(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let (a, b) = (try inputs.input(0), try inputs.input(1))
    var (left, right) = (try a.reference(), try b.reference())
    guard let row = Shape(a.dimensions.count == 1 ? [1] + a.dimensions : a.dimensions),
      let column = Shape(b.dimensions.count == 1 ? b.dimensions + [1] : b.dimensions)
    else { throw .malformed("multiplies \(a.dimensions) by \(b.dimensions)") }
    (left.shape, right.shape) = (row, column)
    var result = try product(MatrixProduct(), [left, right], a)
    if b.dimensions.count == 1 { result.dimensions.removeLast() }
    if a.dimensions.count == 1 {
      result.dimensions.remove(at: result.dimensions.count - (b.dimensions.count == 1 ? 1 : 2))
    }
    return [result]
  }

  /// `Gemm` of constants.
  static func foldedGemm(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let a = try inputs.input(0)
    var left = try a.reference()
    if try node.integer("transA", 0) != 0, left.shape.rank == 2 {
      left = Transpose([1, 0]).reference([left])[0]
    }
    var tensors = [left, try inputs.input(1).reference()]
    var op = MatrixProduct(
      isTransposed: try node.integer("transB", 0) != 0, alpha: try node.float("alpha", 1))
    if inputs.count > 2, let term = inputs[2] {
      op.beta = try node.float("beta", 1)
      var tensor = try term.reference()
      let lengths = term.dimensions
      let missing = [Int](repeating: 1, count: max(0, 2 - lengths.count))
      if let shape = Shape(missing + lengths) { tensor.shape = shape }
      tensors.append(tensor)
    }
    return [try product(op, tensors, a)]
  }

  private static func product(
    _ op: MatrixProduct, _ tensors: [ReferenceTensor], _ first: Constant
  ) throws(Problem) -> Constant {
    // What the operator refuses is refused before it is computed.
    _ = try op.outputs(tensors.map { TensorType(.f32, $0.shape.dimensions.map { .fixed($0) }) })
    return try Constant(first.element, op.reference(tensors)[0])
  }
}

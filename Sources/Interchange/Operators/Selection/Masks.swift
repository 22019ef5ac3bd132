import Basics
import Formats
import Graphs
import Tensors

/// Triangles, marked elements, and the places of those that are not 0.
enum Masks {
  static let rules: [String: OperatorRule] = [
    "Trilu": OperatorRule(emit: triangle, fold: foldedTriangle),
    "OneHot": OperatorRule(emit: oneHot, fold: foldedOneHot),
    "EyeLike": OperatorRule(
      emit: { (translator, node) throws(Problem) in
        let placed = try node.placed(0)
        let own = ModelFile.Element(translator.builder[placed.value].type.element)
        return [.constant(try diagonal(node, translator.lengths(placed.dimensions), own))]
      },
      fold: { (node, inputs) throws(Problem) in
        let like = try inputs.input(0)
        return [try diagonal(node, like.dimensions, like.element)]
      }),
    "NonZero": OperatorRule(fold: places),
  ]

  private static func triangle(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    var op = try part(node)
    op.hasImagesAsRows = placed.dimensions.count == 2 && placed.dimensions[0] == .batch
    let input = try translator.plain(placed, node.name)
    return [.placed(try translator.result(node.name, op, [input]))]
  }

  private static func foldedTriangle(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    [try Constant.evaluate(part(node), [inputs.input(0)])]
  }

  private static func part(_ node: OperatorNode) throws(Problem) -> TriangularPart {
    let diagonal = try node.constant(1, "diagonals")?.integers("a diagonal").first ?? 0
    // A diagonal beyond all matrices is as good as any other there.
    return TriangularPart(
      diagonal: max(-1 << 40, min(diagonal, 1 << 40)), isUpper: try node.integer("upper", 1) != 0)
  }

  private static func oneHot(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    var op = try coding(node, rank: placed.dimensions.count)
    if op.axis == 0, placed.dimensions.contains(.batch) { op.images = translator.batch }
    var inputs = [try translator.plain(placed, node.name)]
    if case .placed(let values) = try node.input(2) {
      inputs.append(try translator.plain(values, node.name))
      (op.values, op.element) = (nil, translator.builder[inputs[1]].type.element)
    }
    return [.placed(try translator.result(node.name, op, inputs))]
  }

  private static func foldedOneHot(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let indices = try inputs.input(0)
    let op = try coding(node, rank: indices.dimensions.count)
    return [try Constant.evaluate(op, [indices], inputs.input(2).element)]
  }

  /// What is written where, its values as far as they are known.
  private static func coding(
    _ node: OperatorNode, rank: Int
  ) throws(Problem) -> OneHotCoding {
    guard let depth = try node.constant(1, "depths")?.doubles(), depth.count == 1,
      let length = Int(exactly: depth[0].rounded(.towardZero))
    else { throw .malformed("lacks its depth") }
    let axis = try node.axis(node.integer("axis", -1), rank: rank + 1)
    guard case .constant(let values) = try node.input(2) else {
      return OneHotCoding(axis: axis, depth: length, element: .f32, values: nil)
    }
    return OneHotCoding(
      axis: axis, depth: length, element: values.element.runtime ?? .i64,
      values: try values.doubles())
  }

  /// Ones on a diagonal.
  private static func diagonal(
    _ node: OperatorNode, _ lengths: [Int], _ own: ModelFile.Element
  ) throws(Problem) -> Constant {
    let number = try node.integer("dtype", own.rawValue)
    guard let element = ModelFile.Element(rawValue: number), element.numbers != nil,
      lengths.count == 2
    else { throw .malformed("gives ones in \(lengths), of type \(number)") }
    let shift = max(-1 << 40, min(try node.integer("k", 0), 1 << 40))
    return try Constant(element, lengths) { index in
      index % lengths[1] - index / lengths[1] == shift ? 1 : 0
    }
  }

  /// The indices of elements that are not 0, one axis a row.
  private static func places(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let data = try inputs.input(0)
    let values = try data.doubles()
    let (found, strides) = (
      values.indices.filter { values[$0] != 0 }, Arithmetic.strides(data.dimensions)
    )
    return [
      try Constant(.int64, [data.dimensions.count, found.count]) { index in
        let (axis, place) = (index / found.count, found[index % found.count])
        return Double(place / strides[axis] % data.dimensions[axis])
      }
    ]
  }
}

extension ModelFile.Element {
  /// The type of the model that a type of the graph is.
  fileprivate init(_ type: DType) {
    self =
      switch type {
      case .f32: .float32
      case .f64: .float64
      case .bf16: .bfloat16
      case .i8: .int8
      case .u8: .uint8
      case .i32: .int32
      case .i64: .int64
      case .bool: .bool
      }
  }
}

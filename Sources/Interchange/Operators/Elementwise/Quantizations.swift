import Basics
import Formats
import Graphs
import Kernels

/// Numbers as whole multiples of a scale, and back.
enum Quantizations {
  /// How each is translated.
  static let rules = [
    "QuantizeLinear": OperatorRule(emit: quantized, fold: foldedQuantized),
    "DequantizeLinear": OperatorRule(emit: restored, fold: foldedRestored),
  ]

  /// `round(x / scale) + zero`, as far as the type holds it.
  private static func quantized(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let x = try translator.cast(node.input(0), to: .f32, node.name)
    let element = try target(translator, node)
    let steps = try QuantizationSteps(
      node, lengths: node.lengths(0, translator), element: element == .i8 ? .int8 : .uint8)
    if case .placed(let placed) = x, let bytes = steps?.bytes,
      element == .u8 || isRestored(translator, node)
    {
      let result = try translator.changed(placed, by: LinearQuantization(bytes), node.name)
      if element == .i8 { translator.raisedBytes.insert(result.value) }
      return [.placed(result)]
    }
    let scale = try spread(&translator, node, 1, beside: x.rank)
    var value = try translator.pairwise(.divide, x, scale, translator.unique("\(node.name).scale"))
    value = try translator.changed(
      value, by: Pointwise(.round), translator.unique("\(node.name).round"))
    if node.has(2) {
      let given = try spread(&translator, node, 2, beside: x.rank)
      let zero = try translator.cast(given, to: .f32, node.name)
      value = try translator.pairwise(
        .add, .placed(value), zero, translator.unique("\(node.name).zero"))
    }
    // Beyond its bounds a number becomes the nearest one of the type.
    return [.placed(try translator.changed(value, by: ElementCast(to: element), node.name))]
  }

  /// Whether what a node gives is read by nothing but what restores it, by constants.
  private static func isRestored(_ translator: Translator, _ node: OperatorNode) -> Bool {
    guard let output = node.node.outputs.first, !translator.structure.outputs.contains(output)
    else { return false }
    return (translator.structure.readers[output] ?? []).allSatisfy { index in
      let reader = translator.structure.nodes[index]
      return reader.operation == "DequantizeLinear" && reader.inputs.first == output
        && reader.inputs.dropFirst().allSatisfy {
          $0.isEmpty || translator.known[$0]?.constant != nil
        }
    }
  }

  /// The type of the result: what is told, that of the zero, or unsigned numbers of 8 bits.
  private static func target(
    _ translator: Translator, _ node: OperatorNode
  ) throws(Problem) -> DType {
    guard try [0, 1].contains(node.integer("precision", 0)) else {
      throw .malformed("divides in another type than float32, which is not supported")
    }
    let told = try node.integer("output_dtype", 0)
    var element = ModelFile.Element(rawValue: told)?.runtime
    if told == 0 {
      switch node.inputs.count > 2 ? node.inputs[2] : nil {
      case .constant(let zero)?: element = zero.element.runtime
      case .placed(let zero)?: element = translator.builder[zero.value].type.element
      case nil: element = .u8
      }
    }
    guard let element, element == .u8 || element == .i8 else {
      throw .malformed("rounds to a type that is not supported; supported are 8 bits")
    }
    return element
  }

  /// `(x − zero) · scale`.
  private static func restored(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard try [0, 1].contains(node.integer("output_dtype", 0)) else {
      throw .malformed("gives another type than float32, which is not supported")
    }
    guard case .placed(let given) = try node.input(0) else {
      throw .malformed("reads a scale that is computed for a constant")
    }
    let type = translator.builder[given.value].type
    let isRaised = translator.raisedBytes.contains(given.value)
    let steps = try QuantizationSteps(
      node, lengths: translator.lengths(given.dimensions), element: isRaised ? .int8 : type.stored)
    if type.element == .u8, let bytes = steps?.bytes, type.quantization ?? bytes == bytes {
      return [.placed(try translator.changed(given, by: LinearDequantization(bytes), node.name))]
    }
    guard case .placed(var value) = try translator.cast(.placed(given), to: .f32, node.name) else {
      return []
    }
    if isRaised {
      value = try translator.pairwise(
        .subtract, .placed(value), .constant(Constant(.float32, [], filledWith: 128)),
        translator.unique("\(node.name).raised"))
    }
    if node.has(2) {
      let given = try spread(&translator, node, 2, beside: value.dimensions.count)
      let zero = try translator.cast(given, to: .f32, node.name)
      value = try translator.pairwise(
        .subtract, .placed(value), zero, translator.unique("\(node.name).zero"))
    }
    let scale = try spread(&translator, node, 1, beside: value.dimensions.count)
    return [.placed(try translator.pairwise(.multiply, .placed(value), scale, node.name))]
  }

  private static func foldedRestored(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let x = try inputs.input(0)
    var scale = try inputs.input(1)
    if let steps = try QuantizationSteps(node, lengths: x.dimensions, element: x.element),
      let restored = RestoredConstant(x, steps)
    {
      var result = x
      (result.element, result.source) = (scale.element, .restored(restored))
      result.steps = try steps.steps(of: x)
      return [result]
    }
    scale.dimensions = try spread(node, scale.dimensions, beside: x.dimensions.count)
    var operands = [x, scale]
    if inputs.count > 2, var zero = inputs[2] {
      zero.dimensions = try spread(node, zero.dimensions, beside: x.dimensions.count)
      operands.append(zero)
    }
    var result = try Arithmetic.elementwise(operands, operands.count) {
      ($0(0) - (operands.count > 2 ? $0(2) : 0)) * $0(1)
    }
    result.element = scale.element
    return [result]
  }

  /// Weights that a file keeps as floats and rounds itself.
  @Sendable
  private static func foldedQuantized(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let x = try inputs.input(0)
    var scale = try inputs.input(1)
    let told = try node.integer("output_dtype", 0)
    let zero = inputs.count > 2 ? inputs[2] : nil
    let element = told == 0 ? zero?.element ?? .uint8 : ModelFile.Element(rawValue: told)
    guard let element, element == .uint8 || element == .int8,
      try [0, 1].contains(node.integer("precision", 0))
    else {
      throw .malformed("rounds to a type that is not supported; supported are 8 bits")
    }
    _ = try QuantizationSteps(node, lengths: x.dimensions, element: element)
    scale.dimensions = try spread(node, scale.dimensions, beside: x.dimensions.count)
    var operands = [x, scale]
    if var zero {
      zero.dimensions = try spread(node, zero.dimensions, beside: x.dimensions.count)
      operands.append(zero)
    }
    let (least, most) = element == .int8 ? (-128.0, 127.0) : (0.0, 255.0)
    var result = try Arithmetic.elementwise(operands, operands.count) { element in
      // In float32, as a run divides.
      let quotient = Double((Float(element(0)) / Float(element(1))).rounded(.toNearestOrEven))
      let steps = (quotient.isNaN ? 0 : quotient) + (operands.count > 2 ? element(2) : 0)
      return min(max(steps, least), most)
    }
    result.element = element
    return [result]
  }

  /// A scale or a zero, one number or one for each index of an axis, beside a value.
  private static func spread(
    _ translator: inout Translator, _ node: OperatorNode, _ index: Int, beside rank: Int
  ) throws(Problem) -> KnownValue {
    switch try node.input(index) {
    case .constant(var constant):
      let own = try spread(node, constant.dimensions, beside: rank)
      // Stored elements are counted by the dimensions that they have there.
      if own != constant.dimensions { constant.source = .computed(try constant.doubles()) }
      constant.dimensions = own
      return .constant(constant)
    case .placed(let placed):
      let own = try spread(node, translator.lengths(placed.dimensions), beside: rank)
      guard own.count != placed.dimensions.count else { return .placed(placed) }
      let dimensions = own.map { Dimension.fixed($0) }
      let name = translator.unique("\(node.name).view")
      return .placed(try translator.reshaped(placed, to: dimensions, name))
    }
  }

  private static func spread(
    _ node: OperatorNode, _ lengths: [Int], beside rank: Int
  ) throws(Problem) -> [Int] {
    guard try node.integer("block_size", 0) == 0, lengths.count < 2 else {
      throw .malformed("has a scale for each block, which is not supported")
    }
    guard lengths.count == 1, lengths != [1] else { return [] }
    let axis = try node.axis(node.integer("axis", 1), rank: rank)
    return lengths + [Int](repeating: 1, count: rank - axis - 1)
  }
}

extension TensorType {
  /// What a file calls the type of a run's whole numbers.
  fileprivate var stored: ModelFile.Element {
    switch element {
    case .i8: .int8
    case .i32: .int32
    case .i64: .int64
    case .f32: .float32
    default: .uint8
    }
  }
}

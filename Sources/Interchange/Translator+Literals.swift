import Basics
import Formats
import Graphs
import Tensors

/// Constants that a run gives, or that nodes read as values of any type.
extension Translator {
  /// A constant as a value of the graph.
  ///
  /// - Parameters:
  ///   - constant: Of numbers; those with a fraction become float32.
  ///   - name: The node's.
  /// - Returns: The graph's value, in the model's order of elements.
  /// - Throws: A type that a run does not have, too many elements or none, or a file that cannot be
  ///   read.
  mutating func literal(_ constant: Constant, _ name: String) throws(Problem) -> Graph.Value {
    guard let element = constant.element.runtime, let shape = Shape(constant.dimensions),
      shape.count <= ModelFile.Tensor.countLimit
    else {
      throw .malformed(
        "\(name) is a constant of \(constant.element.name) and dimensions \(constant.dimensions), "
          + "which is not supported in a run")
    }
    let type = TensorType(element, constant.dimensions.map { .fixed($0) })
    let literal = Literal(type, try constant.bytes(of: element))
    return try builder.append(unique(name), literal, [])[0]
  }

  /// An output in the model's order of elements, and its dimensions.
  mutating func outcome(
    _ name: String
  ) throws(Problem) -> (value: Graph.Value, dimensions: [Dimension]) {
    switch known[name] {
    case .placed(let placed)?: return (try plain(placed, name), placed.dimensions)
    case .constant(let constant)?:
      guard constant.element.runType != nil else {
        throw .malformed("output \(name) is of \(constant.element.name), which is not supported")
      }
      return (try literal(constant, name), constant.dimensions.map { .fixed($0) })
    case nil: throw .malformed("nothing gives \(name)")
    }
  }

  /// Whether a node gives a value.
  func isComputed(_ value: Graph.Value) -> Bool {
    builder.nodes.contains { $0.outputs.contains(value) }
  }
}

extension Constant {
  /// The elements as a run has them, little-endian.
  fileprivate func bytes(of type: DType) throws(Problem) -> [UInt8] {
    if case .stored(let tensor) = source, tensor.element.runType == type {
      return try tensor.bytes()
    }
    let values = try doubles()
    return switch type {
    case .f32: ModelFile.Tensor.bytes(of: values.map { Float($0) })
    case .i64: Self.bytes(values, as: Int64.self)
    case .i32: Self.bytes(values, as: Int32.self)
    case .i8: Self.bytes(values, as: Int8.self)
    default: Self.bytes(values, as: UInt8.self)
    }
  }

  /// Numbers beyond a type become its nearest one.
  private static func bytes<Number: FixedWidthInteger>(
    _ values: [Double], as type: Number.Type
  ) -> [UInt8] {
    values.map { Number(exactly: $0.rounded(.towardZero)) ?? ($0 < 0 ? .min : .max) }
      .withUnsafeBytes { Array($0) }
  }
}

extension ModelFile.Element {
  /// The type of a run whose elements are the same, bit by bit; nil where there is none.
  var runType: DType? { isFloat && self != .float32 ? nil : runtime }
}

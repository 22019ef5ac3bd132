import Basics
import Formats
import Graphs
import Tensors

/// Axes of the model's values where the graph has them.
extension Translator {
  /// A value whose axes are the model's, or those of an image with its channels innermost.
  mutating func along(_ placed: PlacedValue, _ name: String) throws(Problem) -> PlacedValue {
    guard placed.layout == .flattened else { return placed }
    return PlacedValue(value: try plain(placed, name), dimensions: placed.dimensions)
  }

  /// A value with the model's order of elements, and said so.
  mutating func inOrder(_ placed: PlacedValue, _ name: String) throws(Problem) -> PlacedValue {
    PlacedValue(value: try plain(placed, name), dimensions: placed.dimensions)
  }

  /// A floating-point operand: what is computed, or a parameter.
  ///
  /// - Parameters:
  ///   - index: Of the node's inputs.
  ///   - node: The node.
  ///   - role: What a parameter is to it.
  ///   - lengths: Dimensions under which a constant is read; nil for its own.
  /// - Returns: The graph's value, in the model's order.
  /// - Throws: A constant without fractions, or an input that is left out.
  mutating func operand(
    _ index: Int, of node: OperatorNode, role: Parameter.Role, as lengths: [Int]? = nil
  ) throws(Problem) -> Graph.Value {
    switch try node.input(index) {
    case .placed(let placed):
      let dimensions = lengths.map { $0.map { Dimension.fixed($0) } } ?? placed.dimensions
      return try reshaped(inOrder(placed, node.name), to: dimensions, unique("\(node.name).in"))
        .value
    case .constant(let constant):
      return try parameter(constant, shape: lengths ?? constant.dimensions, role: role)
    }
  }
}

extension PlacedValue {
  /// The graph's axis that an axis of the model is.
  func graphAxis(_ axis: Int) -> Int {
    layout == .channelsLast && dimensions.count == 4 ? [0, 3, 1, 2][axis] : axis
  }
}

extension OperatorNode {
  /// The shape of an input, for sentences and comparisons.
  func lengths(_ index: Int, _ translator: Translator) throws(Problem) -> [Int] {
    switch try input(index) {
    case .placed(let placed): translator.lengths(placed.dimensions)
    case .constant(let constant): constant.dimensions
    }
  }

  /// Whether an input is there.
  func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  /// A float32 attribute as the decimal number that is nearest: 1e-5 is ours, bit for bit.
  func decimal(_ name: String, _ usual: Float) throws(Problem) -> Double {
    let given = try float(name, usual)
    guard let value = Double(given.description), value.isFinite else {
      throw .malformed("has \(name) \(given)")
    }
    return value
  }

  /// Whether anything reads an output.
  func wants(_ output: Int, _ translator: Translator) -> Bool {
    node.outputs.indices.contains(output) && translator.structure.isWanted(node.outputs[output])
  }
}

extension Constant {
  /// The elements as the plain references read them.
  func reference() throws(Problem) -> ReferenceTensor {
    guard let shape = Shape(dimensions) else {
      throw .malformed("reads a constant of dimensions \(dimensions)")
    }
    return ReferenceTensor(shape, try doubles())
  }

  /// What a plain reference gave.
  init(_ element: ModelFile.Element, _ tensor: ReferenceTensor) throws(Problem) {
    try self.init(element, tensor.shape.dimensions) { tensor.values[$0] }
  }
}

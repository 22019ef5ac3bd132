import Basics
import Formats
import Graphs
import Tensors

/// Constants where operators of graphs read values.
extension Translator {
  /// What a node reads, its elements in the model's order: a value, or a constant as a parameter.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - index: Of its inputs.
  /// - Returns: The graph's value.
  /// - Throws: An input that is not there, or a constant of a type that no run has.
  mutating func operand(_ node: OperatorNode, _ index: Int) throws(Problem) -> Graph.Value {
    switch try node.input(index) {
    case .placed(let placed): return try plain(placed, node.name)
    case .constant(let constant): return try operand(constant, node.name)
    }
  }

  /// A constant as a value of the graph: a parameter, or what stands in the graph itself.
  mutating func operand(_ constant: Constant, _ name: String) throws(Problem) -> Graph.Value {
    constant.element.isFloat
      ? try parameter(constant, shape: constant.dimensions, role: .constant)
      : try literal(constant, "\(name).constant")
  }
}

extension [Constant?] {
  /// An input that has to be there.
  func input(_ index: Int) throws(Problem) -> Constant {
    guard indices.contains(index), let constant = self[index] else {
      throw .malformed("lacks input \(index)")
    }
    return constant
  }
}

extension Constant {
  /// What an operator gives for constants, by its plain reference.
  ///
  /// - Parameters:
  ///   - op: An operator with one output.
  ///   - inputs: Each with at least one element.
  ///   - element: The type of the result's elements; nil for that of the first input.
  /// - Returns: The output.
  /// - Throws: Inputs that the operator cannot take.
  static func evaluate(
    _ op: some Operator, _ inputs: [Constant], _ element: ModelFile.Element? = nil
  ) throws(Problem) -> Constant {
    var (types, tensors): ([TensorType], [ReferenceTensor]) = ([], [])
    for input in inputs {
      let type: DType = input.element.isFloat ? .f32 : input.element == .bool ? .bool : .i64
      types.append(TensorType(type, input.dimensions.map { .fixed($0) }))
      tensors.append(try input.reference())
    }
    let lengths = try op.outputs(types)[0].dimensions.map { $0.length ?? 1 }
    guard let shape = Shape(lengths), shape.count <= ModelFile.Tensor.countLimit else {
      throw .malformed(
        "would give a constant of dimensions \(lengths); at most \(ModelFile.Tensor.countLimit) "
          + "elements are computed with here")
    }
    let values = op.reference(tensors)[0].values
    return try Constant(element ?? inputs[0].element, lengths) { values[$0] }
  }
}

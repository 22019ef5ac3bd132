import Basics
import Formats
import Graphs

/// Layer normalisation as exporters before version 17 spell it, as one operator.
///
/// `(x − mean) / Sqrt(mean of (x − mean)² + ε) · scale + shift`, with means along one axis. It begins
/// at the first mean, whose node takes the others in; where something is written otherwise, the
/// nodes stay what they are.
struct NormPattern {
  /// Places of the nodes that are taken in.
  private(set) var nodes: [Int] = []
  /// ε, scale and, where there is one, shift.
  private(set) var epsilon = 0.0
  /// One factor for each element of a row.
  private(set) var scale: Constant
  /// One number for each that is added.
  private(set) var shift: Constant?
  /// The name of the result.
  private(set) var result: String

  /// Looks for the pattern that begins with a mean along an axis.
  ///
  /// - Parameters:
  ///   - translator: Knows the model.
  ///   - node: A `ReduceMean` that keeps its dimensions.
  ///   - axis: The axis.
  ///   - lengths: Of what it reads.
  init?(_ translator: Translator, _ node: OperatorNode, axis: Int, lengths: [Int]) {
    guard let x = node.node.inputs.first, let mean = node.node.outputs.first else { return nil }
    /// The one node that reads a value, if it is of a kind.
    func next(_ name: String, _ operation: String) -> (index: Int, node: ModelFile.Node)? {
      guard let index = translator.structure.onlyReader(name) else { return nil }
      let node = translator.structure.nodes[index]
      return node.operation == operation && ModelFile.isOwn(node.domain) ? (index, node) : nil
    }
    /// What a node reads beside a value, where it is constant.
    func other(_ node: ModelFile.Node, _ name: String) -> Constant? {
      guard node.inputs.count == 2, let other = node.inputs.first(where: { $0 != name }) else {
        return nil
      }
      return Self.constant(other, translator)
    }
    /// A number that stands for all elements.
    func number(_ constant: Constant?) -> Double? {
      guard let constant, constant.count == 1 else { return nil }
      return try? constant.doubles().first
    }

    guard let difference = next(mean, "Sub"), difference.node.inputs == [x, mean],
      let centred = difference.node.outputs.first,
      let (square, quotient) = Self.readers(of: centred, translator)
    else { return nil }
    let (squareNode, quotientNode) = (
      translator.structure.nodes[square], translator.structure.nodes[quotient]
    )
    let isSquare =
      squareNode.operation == "Pow"
      ? squareNode.inputs.first == centred && number(other(squareNode, centred)) == 2
      : squareNode.inputs == [centred, centred]
    guard isSquare, let squares = squareNode.outputs.first,
      let second = next(squares, "ReduceMean"),
      Self.isMean(second.node, translator, axis: axis, rank: lengths.count),
      let variance = second.node.outputs.first, let sum = next(variance, "Add"),
      let epsilon = number(other(sum.node, variance)), let added = sum.node.outputs.first,
      let root = next(added, "Sqrt"), let deviation = root.node.outputs.first,
      let divided = next(deviation, "Div"), divided.index == quotient,
      quotientNode.inputs == [centred, deviation], let whitened = quotientNode.outputs.first,
      let product = next(whitened, "Mul"), let scale = other(product.node, whitened),
      Self.lies(scale, along: axis, of: lengths), let scaled = product.node.outputs.first,
      epsilon.isFinite, epsilon >= 0
    else { return nil }
    nodes = [
      difference.index, square, second.index, sum.index, root.index, quotient, product.index,
    ]
    (self.epsilon, self.scale, result) = (epsilon, scale, scaled)
    if let last = next(scaled, "Add"), let shift = other(last.node, scaled),
      Self.lies(shift, along: axis, of: lengths), let shifted = last.node.outputs.first
    {
      nodes.append(last.index)
      (self.shift, result) = (shift, shifted)
    }
  }

  /// The nodes that square and divide what was centred, where no others read it.
  private static func readers(
    of centred: String, _ translator: Translator
  ) -> (square: Int, quotient: Int)? {
    let readers = Set(translator.structure.readers[centred] ?? []).sorted()
    guard readers.count == 2, !translator.structure.outputs.contains(centred) else { return nil }
    let nodes = readers.map { translator.structure.nodes[$0] }
    guard nodes.allSatisfy({ ModelFile.isOwn($0.domain) }),
      let quotient = nodes.firstIndex(where: { $0.operation == "Div" }),
      ["Pow", "Mul"].contains(nodes[1 - quotient].operation)
    else { return nil }
    return (readers[1 - quotient], readers[quotient])
  }

  /// Whether a node takes means along one axis and keeps it.
  private static func isMean(
    _ node: ModelFile.Node, _ translator: Translator, axis: Int, rank: Int
  ) -> Bool {
    if case .integer(0)? = node["keepdims"] { return false }
    let axes: [Int]?
    if case .integers(let given)? = node["axes"] {
      axes = given.map { Int($0) }
    } else {
      axes =
        node.inputs.count == 2
        ? constant(node.inputs[1], translator).flatMap { try? $0.integers("an axis") } : nil
    }
    return axes == [axis] || axes == [axis - rank]
  }

  /// Whether a constant has one number for each element along an axis, and repeats along the others.
  private static func lies(_ constant: Constant, along axis: Int, of lengths: [Int]) -> Bool {
    let own = constant.dimensions
    guard constant.element.isFloat, own.count <= lengths.count else { return false }
    let aligned = [Int](repeating: 1, count: lengths.count - own.count) + own
    return aligned.indices.allSatisfy { aligned[$0] == ($0 == axis ? lengths[axis] : 1) }
  }

  /// A constant, even of a node that comes later.
  private static func constant(_ name: String, _ translator: Translator) -> Constant? {
    if let known = translator.known[name] { return known.constant }
    guard
      let node = translator.structure.producers[name].map({ translator.structure.nodes[$0] }),
      node.operation == "Constant", node.outputs == [name],
      let fold = OperatorTable.rules["Constant"]?.fold,
      var constant = try? fold(OperatorNode(node: node, name: node.title, inputs: []), []).first
    else { return nil }
    constant.name = name
    return constant
  }
}

extension NormPattern {
  /// The result of all nodes from a mean on, which takes their place.
  ///
  /// - Parameters:
  ///   - translator: Takes the operator.
  ///   - node: A `ReduceMean`.
  ///   - placed: What it reads.
  ///   - axis: The model's axis that it sums up.
  /// - Returns: nil where it does not begin the pattern, or along an axis that is not innermost.
  /// - Throws: What a sound pattern does not.
  static func translate(
    _ translator: inout Translator, _ node: OperatorNode, _ placed: PlacedValue, axis: Int
  ) throws(Problem) -> PlacedValue? {
    let rank = placed.dimensions.count
    guard placed.graphAxis(axis) == rank - 1, rank > 1, let length = placed.dimensions[axis].length,
      translator.builder[placed.value].type.element == .f32,
      let pattern = NormPattern(
        translator, node, axis: axis, lengths: translator.lengths(placed.dimensions))
    else { return nil }
    var inputs = [placed.value]
    inputs.append(
      try translator.parameter(pattern.scale, shape: [length], role: .normScale))
    if let shift = pattern.shift {
      inputs.append(try translator.parameter(shift, shape: [length], role: .normShift))
    }
    let op = LayerNormalization(
      axis: rank - 1, epsilon: pattern.epsilon, hasShift: pattern.shift != nil)
    let value = try translator.builder.append(node.name, op, inputs)[0]
    let result = PlacedValue(value: value, dimensions: placed.dimensions, layout: placed.layout)
    translator.taken.formUnion(pattern.nodes)
    translator.known[pattern.result] = .placed(result)
    return result
  }
}

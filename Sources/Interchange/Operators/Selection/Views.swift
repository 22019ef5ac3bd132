import Basics
import Formats
import Graphs

/// The same elements under other dimensions, or in another order.
enum Views {
  static let rules = [
    "Flatten": OperatorRule(emit: view(flattened), fold: foldedView(flattened)),
    "Reshape": OperatorRule(emit: view(target), fold: foldedView(target)),
    "Squeeze": OperatorRule(emit: view(squeezed), fold: foldedView(squeezed)),
    "Unsqueeze": OperatorRule(emit: view(unsqueezed), fold: foldedView(unsqueezed)),
    "Transpose": OperatorRule(emit: transpose, fold: foldedTranspose),
  ]

  /// The lengths that a node makes of others.
  private typealias Lengths =
    @Sendable (_ node: OperatorNode, _ lengths: [Int]) throws(Problem) -> [Int]

  private static func view(
    _ lengths: @escaping Lengths
  ) -> @Sendable (inout Translator, OperatorNode) throws(Problem) -> [KnownValue] {
    { (translator, node) throws(Problem) in
      let placed = try node.placed(0)
      let given = try lengths(node, translator.lengths(placed.dimensions))
      let dimensions = translator.dimensions(given)
      return [.placed(try translator.reshaped(placed, to: dimensions, node.name))]
    }
  }

  private static func foldedView(
    _ lengths: @escaping Lengths
  ) -> @Sendable (OperatorNode, [Constant?]) throws(Problem) -> [Constant] {
    { (node, inputs) throws(Problem) in
      var constant = try inputs.input(0)
      let target = try lengths(node, constant.dimensions)
      guard product(target) == constant.count else {
        throw .malformed("makes \(target) of \(constant.dimensions)")
      }
      if case .stored = constant.source { constant.source = .computed(try constant.doubles()) }
      constant.dimensions = target
      return [constant]
    }
  }

  private static func flattened(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> [Int] {
    // The axis may also stand behind the last one.
    let axis = try node.integer("axis", 1)
    guard (-lengths.count...lengths.count).contains(axis) else {
      throw .malformed("names axis \(axis) of \(lengths.count)")
    }
    let place = axis < 0 ? axis + lengths.count : axis
    return [lengths[..<place].reduce(1, *), lengths[place...].reduce(1, *)]
  }

  private static func target(_ node: OperatorNode, _ lengths: [Int]) throws(Problem) -> [Int] {
    guard let constant = try node.constant(1, "dimensions"), constant.dimensions.count == 1 else {
      throw .malformed("lacks its dimensions")
    }
    var result = try constant.integers("a dimension")
    if try node.integer("allowzero", 0) == 0 {
      for (place, length) in result.enumerated() where length == 0 {
        guard lengths.indices.contains(place) else {
          throw .malformed("keeps dimension \(place) of \(lengths)")
        }
        result[place] = lengths[place]
      }
    }
    let open = result.indices.filter { result[$0] == -1 }
    let rest = product(result.filter { $0 != -1 })
    guard let rest, let all = product(lengths), open.count <= 1,
      open.isEmpty ? rest == all : rest > 0 && all % rest == 0
    else { throw .malformed("makes \(result) of \(lengths)") }
    if let place = open.first { result[place] = all / rest }
    return result
  }

  private static func squeezed(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> [Int] {
    let axes =
      try node.axes(input: 1, rank: lengths.count) ?? lengths.indices.filter { lengths[$0] == 1 }
    guard axes.allSatisfy({ lengths[$0] == 1 }) else {
      throw .malformed("leaves out axes \(axes) of \(lengths), which are not 1")
    }
    return lengths.indices.filter { !axes.contains($0) }.map { lengths[$0] }
  }

  private static func unsqueezed(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> [Int] {
    let count =
      if let axes = try node.integers("axes") {
        axes.count
      } else {
        try node.constant(1, "axes")?.count ?? 0
      }
    guard count <= 64, let axes = try node.axes(input: 1, rank: lengths.count + count) else {
      throw .malformed("names no axes, or too many")
    }
    var rest = lengths[...]
    return (0..<lengths.count + axes.count).map { axes.contains($0) ? 1 : rest.removeFirst() }
  }

  private static func transpose(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let order = try order(node, rank: placed.dimensions.count)
    var result = placed
    result.dimensions = order.map { placed.dimensions[$0] }
    if placed.layout == .channelsLast, order == [0, 2, 3, 1] {
      result.layout = .plain
      return [.placed(result)]
    }
    if placed.layout == .plain, order == [0, 3, 1, 2] {
      result.layout = .channelsLast
      return [.placed(result)]
    }
    let movesBatch = zip(order, order.indices).contains { from, to in
      placed.dimensions[from] == .batch && (from != 0 || to != 0)
    }
    let op = Transpose(order, images: movesBatch ? translator.batch : nil)
    let input = try translator.plain(placed, node.name)
    return [.placed(try translator.result(node.name, op, [input]))]
  }

  private static func foldedTranspose(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let constant = try inputs.input(0)
    let order = try order(node, rank: constant.dimensions.count)
    if case .stored(let tensor) = constant.source, order == [1, 0], tensor.element.isFloat {
      // Weights are read when they are wanted, not twice.
      var turned = constant
      turned.dimensions = constant.dimensions.reversed()
      turned.source = .turned(tensor)
      return [turned]
    }
    let (values, given) = (try constant.doubles(), Arithmetic.strides(constant.dimensions))
    let dimensions = order.map { constant.dimensions[$0] }
    let (own, strides) = (Arithmetic.strides(dimensions), order.map { given[$0] })
    var result = try Constant(constant.element, dimensions) { index in
      values[own.indices.reduce(0) { $0 + index / own[$1] % dimensions[$1] * strides[$1] }]
    }
    if order == [1, 0] { result.steps = constant.steps?.turned(constant.dimensions) }
    return [result]
  }

  private static func order(_ node: OperatorNode, rank: Int) throws(Problem) -> [Int] {
    let order = try node.integers("perm") ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else {
      throw .malformed("has the order \(order) for \(rank) dimensions")
    }
    return order
  }

  /// The product of lengths; nil for a negative one, or for too many elements to count.
  private static func product(_ lengths: [Int]) -> Int? {
    ModelFile.Tensor.count(lengths, limit: .max)
  }
}

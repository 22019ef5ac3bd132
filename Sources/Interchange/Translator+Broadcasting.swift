import Basics
import Graphs
import Kernels

/// Functions of several values, which are repeated until they have one shape.
extension Translator {
  /// What such a function reads, all in one layout.
  struct Operands {
    var values: [Graph.Value] = []
    /// The model's dimensions of what is computed.
    var dimensions: [Dimension]
    /// The layout of all.
    var layout: PlacedValue.Layout
  }

  /// Appends a function of two values, of which one at least is computed.
  ///
  /// - Parameters:
  ///   - function: What is done to their elements.
  ///   - a: The first value.
  ///   - b: The second value.
  ///   - name: Of the node.
  /// - Returns: What it gives.
  /// - Throws: Dimensions that do not go together, or elements that the function is not for.
  mutating func pairwise(
    _ function: PairFunction, _ a: KnownValue, _ b: KnownValue, _ name: String
  ) throws(Problem) -> PlacedValue {
    let element = try element(of: [a, b])
    let function = function == .divide && element != .f32 ? .quotient : function
    if case .placed(var placed) = a, let number = try scalar(b, beside: a, element) {
      placed.value =
        if function == .power {
          try append(name, Pointwise(.power(exponent: Float(number))), placed.value)
        } else {
          try append(name, Pairwise(function, constant: number), placed.value)
        }
      return placed
    }
    if case .placed(var placed) = b, let number = try scalar(a, beside: b, element) {
      let op = Pairwise(function, constant: number, isConstantFirst: true)
      placed.value = try append(name, op, placed.value)
      return placed
    }
    let operands = try operands([(a, element), (b, element)], name)
    let types = operands.values.map { builder[$0].type }
    // Sums of equal shapes are done by the products before them.
    let value =
      if function == .add, element == .f32, types[0] == types[1] {
        try builder.append(name, Addition(), operands.values)[0]
      } else {
        try builder.append(name, Pairwise(function), operands.values)[0]
      }
    return PlacedValue(value: value, dimensions: operands.dimensions, layout: operands.layout)
  }

  /// Appends a choice between two values, where not all three are constants.
  ///
  /// - Parameters:
  ///   - condition: Truths.
  ///   - a: What is taken where the condition holds.
  ///   - b: What is taken elsewhere.
  ///   - name: Of the node.
  /// - Returns: What it gives.
  /// - Throws: Dimensions that do not go together, or types without numbers here.
  mutating func choice(
    _ condition: KnownValue, _ a: KnownValue, _ b: KnownValue, _ name: String
  ) throws(Problem) -> PlacedValue {
    let element = try element(of: [a, b])
    var op = Choice(element)
    var known: [(value: KnownValue, element: DType)] = [(condition, .bool)]
    op.first = try scalar(a, beside: condition, element)
    op.second = try scalar(b, beside: condition, element)
    if op.first == nil { known.append((a, element)) }
    if op.second == nil { known.append((b, element)) }
    let operands = try operands(known, name)
    let value = try builder.append(name, op, operands.values)[0]
    return PlacedValue(value: value, dimensions: operands.dimensions, layout: operands.layout)
  }

  /// The type in which values are computed: that of one which is, else that of a constant.
  func element(of known: [KnownValue]) throws(Problem) -> DType {
    for case .placed(let placed) in known { return builder[placed.value].type.element }
    for case .constant(let constant) in known {
      if let element = constant.element.runtime { return element }
    }
    throw .malformed("reads constants of a type that no run computes with")
  }

  /// Brings values into one layout: `N H W C` for images, the model's order for all else.
  ///
  /// - Parameters:
  ///   - known: Values and the type that each has to have; not all of them constants.
  ///   - name: Of the node that reads them.
  /// - Returns: The graph's values, as many.
  /// - Throws: Dimensions that do not go together.
  mutating func operands(
    _ known: [(value: KnownValue, element: DType)], _ name: String
  ) throws(Problem) -> Operands {
    let rank = known.map { $0.value.rank }.max() ?? 0
    let placed = known.compactMap { $0.value.computed }
    let isBatched = placed.contains { $0.dimensions.count == rank && $0.dimensions.first == .batch }
    var (values, lists): ([KnownValue], [[Dimension]]) = ([], [])
    for (value, _) in known {
      if case .constant(let constant) = value {
        guard Shape(constant.dimensions) != nil else {
          throw .malformed("reads a constant of dimensions \(constant.dimensions), which cannot be")
        }
        let repeats = isBatched && constant.dimensions.count == rank && rank > 0 && batch > 1
        let own =
          repeats && constant.dimensions[0] == batch ? try constant.ofOneItem() : constant
        values.append(.constant(own))
        lists.append(own.dimensions.map { .fixed($0) })
      } else {
        values.append(value)
        lists.append(value.computed?.dimensions ?? [])
      }
    }
    let dimensions = try Dimension.broadcast(lists)
    var result = Operands(dimensions: dimensions, layout: .plain)
    let types = Set(placed.map { builder[$0.value].type })
    if placed.count == known.count, types.count == 1, Set(placed.map(\.layout)).count == 1 {
      result.layout = placed[0].layout
      result.values = placed.map(\.value)
      return result
    }
    if rank == 4, placed.contains(where: { $0.layout == .channelsLast }) {
      result.layout = .channelsLast
    }
    for (value, element) in zip(values, known.map { $0.element }) {
      result.values.append(try operand(value, element, result.layout, name))
    }
    return result
  }

  private mutating func operand(
    _ value: KnownValue, _ element: DType, _ layout: PlacedValue.Layout, _ name: String
  ) throws(Problem) -> Graph.Value {
    switch value {
    case .placed(let placed):
      guard layout == .channelsLast else { return try plain(placed, name) }
      let missing = [Dimension](repeating: 1, count: 4 - placed.dimensions.count)
      let wide =
        missing.isEmpty
        ? placed
        : try reshaped(placed, to: missing + placed.dimensions, unique("\(name).view"))
      return try image(wide, name).value
    case .constant(var constant):
      if layout == .channelsLast { constant = try constant.channelsLast() }
      guard element != .f32 || !constant.element.isFloat else {
        return try parameter(constant, shape: constant.dimensions, role: .constant)
      }
      let numbers = try constant.doubles()
      guard numbers.allSatisfy({ Double(Float($0)) == $0 }) else {
        throw .malformed("reads constants that no float32 holds")
      }
      (constant.element, constant.source) = (.float32, .computed(numbers))
      let floats = try parameter(constant, shape: constant.dimensions, role: .constant)
      guard element != .f32 else { return floats }
      return try append(unique("\(name).operand"), ElementCast(to: element), floats)
    }
  }

  /// The one number of a constant that does not add dimensions to a value beside it.
  private func scalar(
    _ value: KnownValue, beside other: KnownValue, _ element: DType
  ) throws(Problem) -> Double? {
    guard case .constant(let constant) = value, value.rank <= other.rank,
      constant.dimensions.allSatisfy({ $0 == 1 })
    else { return nil }
    let number = try constant.doubles()[0]
    return element == .f32 ? Double(Float(number)) : number
  }
}

import Basics
import Graphs

/// What a node takes of each axis of what it reads, by indices that are known before a run.
struct AxisPicks {
  /// Elements along one axis at most, where they are repeated or added.
  static let countLimit = 1 << 24

  /// The lengths that the input is seen with; nil for its own.
  var view: [Int]?
  /// For each axis the indices that are taken, −1 for the filling; nil for all of them in order.
  var picks: [[Int]?]
  /// What stands where nothing is taken.
  var filling = 0.0
  /// The lengths that the result is seen with; nil for those that it has.
  var result: [Int]?

  init(view: [Int]? = nil, _ picks: [[Int]?], filling: Double = 0, result: [Int]? = nil) {
    (self.view, self.picks, self.filling, self.result) = (view, picks, filling, result)
  }

  /// A rule for nodes with one output that take parts of their first input.
  ///
  /// - Parameter plan: Says what they take, by the lengths of that input.
  /// - Returns: The rule, for what is computed and for constants.
  static func rule(
    _ plan:
      @escaping @Sendable (_ node: OperatorNode, _ lengths: [Int]) throws(Problem) -> AxisPicks
  ) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        let placed = try node.placed(0)
        let choice = try plan(node, translator.lengths(placed.dimensions))
        return [.placed(try translator.picked(placed, choice, node.name))]
      },
      fold: { (node, inputs) throws(Problem) in
        let data = try inputs.input(0)
        return [try plan(node, data.dimensions).folded(data)]
      })
  }

  /// Refuses more elements along an axis than are supported.
  static func check(_ count: Int) throws(Problem) -> Int {
    guard (0...countLimit).contains(count) else {
      throw .malformed("gives \(count) elements along an axis; at most \(countLimit) are supported")
    }
    return count
  }

  /// The part of a constant.
  func folded(_ constant: Constant) throws(Problem) -> Constant {
    let given = view ?? constant.dimensions
    let counts = zip(given, picks).map { $1?.count ?? $0 }
    let (values, own) = (try constant.doubles(), Arithmetic.strides(counts))
    let strides = Arithmetic.strides(given)
    var part = try Constant(constant.element, counts) { index in
      var source = 0
      for axis in counts.indices {
        let place = index / own[axis] % counts[axis]
        let pick = picks[axis].map { $0[place] } ?? place
        guard pick >= 0 else { return filling }
        source += pick * strides[axis]
      }
      return values[source]
    }
    if let result {
      _ = try Constant.count(result)
      part.dimensions = result
    }
    return part
  }
}

extension Translator {
  /// The part of a value; images keep their channels innermost.
  mutating func picked(
    _ placed: PlacedValue, _ choice: AxisPicks, _ name: String
  ) throws(Problem) -> PlacedValue {
    var placed = placed
    if let view = choice.view {
      placed = try reshaped(placed, to: dimensions(view), unique("\(name).seen"))
    }
    let lengths = self.lengths(placed.dimensions)
    let picks = zip(choice.picks, lengths).map { picks, length in
      picks?.elementsEqual(0..<length) ?? true ? nil : picks
    }
    if picks.contains(where: { $0 != nil }) {
      placed = try selected(placed, picks, choice.filling, name)
    }
    guard let result = choice.result, result != self.lengths(placed.dimensions) else {
      return placed
    }
    return try reshaped(placed, to: dimensions(result), unique("\(name).view"))
  }

  private mutating func selected(
    _ placed: PlacedValue, _ picks: [[Int]?], _ filling: Double, _ name: String
  ) throws(Problem) -> PlacedValue {
    guard !picks.contains([]) else { throw .malformed("gives no elements, which is not supported") }
    let isImage = placed.layout == .channelsLast
    let order = isImage ? [0, 2, 3, 1] : Array(picks.indices)
    let source = isImage ? placed.value : try plain(placed, name)
    let cutsBatch = zip(picks, placed.dimensions).contains { $0 != nil && $1 == .batch }
    let op = AxisSelection(
      order.map { picks[$0] }, filling: filling, images: cutsBatch ? batch : nil)
    return try result(name, op, [source], isImage: isImage)
  }

  /// A value of the graph as one of the model.
  func placedResult(_ value: Graph.Value, isImage: Bool = false) -> PlacedValue {
    let own = builder[value].type.dimensions
    return PlacedValue(
      value: value, dimensions: isImage ? [0, 3, 1, 2].map { own[$0] } : own,
      layout: isImage ? .channelsLast : .plain)
  }
}

import Basics
import Graphs
import Kernels

/// Elements that indices name, read or written.
enum Gathering {
  static let rules: [String: OperatorRule] = [
    "Gather": OperatorRule(emit: gather, fold: foldedGather),
    "GatherElements": reading { (node, rank) throws(Problem) in
      .elements(axis: try node.axis(node.integer("axis", 0), rank: rank))
    },
    "GatherND": reading { (node, _) throws(Problem) in
      .rows(shared: try node.integer("batch_dims", 0))
    },
    "ScatterElements": writing { (node, rank) throws(Problem) in
      .elements(axis: try node.axis(node.integer("axis", 0), rank: rank))
    },
    "Scatter": writing { (node, rank) throws(Problem) in
      .elements(axis: try node.axis(node.integer("axis", 0), rank: rank))
    },
    "ScatterND": writing { (_, _) throws(Problem) in .rows(shared: 0) },
    "ReverseSequence": OperatorRule(emit: reverse),
  ]

  private typealias Kind =
    @Sendable (_ node: OperatorNode, _ rank: Int) throws(Problem) -> IndexedPlaces.Kind

  /// Indices that are known pick; those that are computed read, as in an embedding.
  private static func gather(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    if case .placed(let placed) = try node.input(0), case .constant(let chosen) = try node.input(1)
    {
      let choice = try picks(node, translator.lengths(placed.dimensions), chosen)
      return [.placed(try translator.picked(placed, choice, node.name))]
    }
    return try read(&translator, node) { (node, rank) throws(Problem) in
      .slices(axis: try node.axis(node.integer("axis", 0), rank: rank))
    }
  }

  private static func foldedGather(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let data = try inputs.input(0)
    return [try picks(node, data.dimensions, inputs.input(1)).folded(data)]
  }

  /// What known indices take along the axis.
  private static func picks(
    _ node: OperatorNode, _ lengths: [Int], _ chosen: Constant
  ) throws(Problem) -> AxisPicks {
    guard !lengths.isEmpty else { throw .malformed("gathers from a scalar") }
    let axis = try node.axis(node.integer("axis", 0), rank: lengths.count)
    var places: [Int] = []
    for place in try chosen.integers("an index") {
      guard (-lengths[axis]..<lengths[axis]).contains(place) else {
        throw .malformed("gathers element \(place) of \(lengths[axis])")
      }
      places.append(place < 0 ? place + lengths[axis] : place)
    }
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    picks[axis] = places
    return AxisPicks(
      picks, result: lengths[..<axis] + chosen.dimensions + lengths[(axis + 1)...])
  }

  private static func reading(_ kind: @escaping Kind) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in try read(&translator, node, kind) },
      fold: { (node, inputs) throws(Problem) in
        let data = try inputs.input(0)
        let op = IndexedReading(IndexedAccess(try kind(node, data.dimensions.count)))
        return [try Constant.evaluate(op, [data, inputs.input(1)])]
      })
  }

  private static func read(
    _ translator: inout Translator, _ node: OperatorNode, _ kind: Kind
  ) throws(Problem) -> [KnownValue] {
    var inputs = [try translator.operand(node, 0)]
    let access = try access(&translator, node, kind, &inputs)
    return [.placed(try translator.result(node.name, IndexedReading(access), inputs))]
  }

  private static func writing(_ kind: @escaping Kind) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        var inputs = [try translator.operand(node, 0)]
        let access = try access(&translator, node, kind, &inputs)
        inputs.append(try translator.operand(node, 2))
        let op = IndexedWriting(access, reduction: try reduction(node))
        return [.placed(try translator.result(node.name, op, inputs))]
      },
      fold: { (node, inputs) throws(Problem) in
        let data = try inputs.input(0)
        let access = IndexedAccess(try kind(node, data.dimensions.count))
        let op = IndexedWriting(access, reduction: try reduction(node))
        return [try Constant.evaluate(op, [data, inputs.input(1), inputs.input(2)])]
      })
  }

  /// What a node's indices name; computed ones are added to what the operator reads.
  private static func access(
    _ translator: inout Translator, _ node: OperatorNode, _ kind: Kind,
    _ inputs: inout [Graph.Value]
  ) throws(Problem) -> IndexedAccess {
    let data = translator.builder[inputs[0]].type.dimensions
    var access = IndexedAccess(try kind(node, data.count))
    var indices: [Dimension]
    switch try node.input(1) {
    case .constant(let constant):
      access.fixed = IndexedAccess.Fixed(
        values: try constant.integers("an index"), lengths: constant.dimensions)
      indices = constant.dimensions.map { .fixed($0) }
    case .placed(let placed):
      inputs.append(try translator.plain(placed, node.name))
      indices = placed.dimensions
    }
    let isPerImage = IndexedAccess.isPerImage(access.kind, data: data, indices: indices)
    access.images = isPerImage ? nil : translator.batch
    return access
  }

  private static func reduction(
    _ node: OperatorNode
  ) throws(Problem) -> IndexedCopy.Reduction {
    let name = try node.text("reduction", "none")
    guard let reduction = IndexedCopy.Reduction(rawValue: name) else {
      throw .malformed("has the reduction \(name), which is not known")
    }
    return reduction
  }

  /// The first elements of each row turned round, as many as its length says.
  private static func reverse(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let lengths = translator.lengths(placed.dimensions)
    let (batch, time) = (try node.integer("batch_axis", 1), try node.integer("time_axis", 0))
    guard lengths.count >= 2, [batch, time].sorted() == [0, 1],
      let counts = try node.constant(1, "lengths")?.integers("a length"),
      counts.count == lengths[batch], counts.allSatisfy({ (0...lengths[time]).contains($0) }),
      lengths[0] <= AxisPicks.countLimit / lengths[1]
    else { throw .malformed("reverses sequences that \(lengths) does not have") }
    let places = (0..<lengths[0] * lengths[1]).flatMap { index in
      let (first, second) = (index / lengths[1], index % lengths[1])
      let (row, step) = batch == 0 ? (first, second) : (second, first)
      let other = step < counts[row] ? counts[row] - 1 - step : step
      return batch == 0 ? [row, other] : [other, row]
    }
    let fixed = IndexedAccess.Fixed(values: places, lengths: [lengths[0], lengths[1], 2])
    let images = placed.dimensions.contains(.batch) ? translator.batch : nil
    let access = IndexedAccess(.rows(shared: 0), fixed: fixed, images: images)
    let input = try translator.plain(placed, node.name)
    return [.placed(try translator.result(node.name, IndexedReading(access), [input]))]
  }
}

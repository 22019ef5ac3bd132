import Basics
import Graphs

/// Parts of values along their axes.
enum Selections {
  static let rules: [String: OperatorRule] = [
    "Slice": AxisPicks.rule(slice), "Expand": AxisPicks.rule(expand),
    "Tile": AxisPicks.rule(tile), "Split": OperatorRule(emit: split, fold: foldedSplit),
  ]

  /// A list that was an attribute once and is an input now.
  static func list(
    _ node: OperatorNode, _ name: String, input: Int
  ) throws(Problem) -> [Int]? {
    if let attribute = try node.integers(name) { return attribute }
    return try node.constant(input, name)?.integers(name)
  }

  private static func slice(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    guard let starts = try list(node, "starts", input: 1),
      let ends = try list(node, "ends", input: 2)
    else { throw .malformed("lacks its bounds") }
    let axes = try list(node, "axes", input: 3) ?? Array(starts.indices)
    let steps = try list(node, "steps", input: 4) ?? axes.map { _ in 1 }
    guard [ends.count, axes.count, steps.count].allSatisfy({ $0 == starts.count }) else {
      throw .malformed("has \(starts.count) starts, but another number of ends")
    }
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    for (place, axis) in axes.enumerated() {
      let axis = try node.axis(axis, rank: lengths.count)
      guard steps[place] != 0, picks[axis] == nil else {
        throw .malformed("slices by steps of 0, or an axis twice")
      }
      picks[axis] = try part(lengths[axis], starts[place], ends[place], steps[place])
    }
    return AxisPicks(picks)
  }

  /// The indices from one bound to the other, counted from the end where they are negative.
  private static func part(
    _ length: Int, _ start: Int, _ end: Int, _ step: Int
  ) throws(Problem) -> [Int] {
    let isForward = step > 0
    // Steps longer than the dimension pick one element, whatever their length.
    let step = max(-length - 1, min(step, length + 1))
    func bound(_ number: Int) -> Int {
      let clamped = max(-length - 1, min(number, length))
      let fromStart = clamped < 0 ? clamped + length : clamped
      return isForward ? max(0, min(fromStart, length)) : max(-1, min(fromStart, length - 1))
    }
    _ = try AxisPicks.check(max((bound(end) - bound(start)) / step, 0))
    return Array(stride(from: bound(start), to: bound(end), by: step))
  }

  private static func expand(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    guard let given = try node.constant(1, "lengths")?.integers("a length"), given.count <= 64
    else { throw .malformed("lacks its lengths") }
    let rank = max(lengths.count, given.count)
    let own = [Int](repeating: 1, count: rank - lengths.count) + lengths
    let target = [Int](repeating: 1, count: rank - given.count) + given
    var picks = [[Int]?](repeating: nil, count: rank)
    for axis in 0..<rank where own[axis] != target[axis] && target[axis] != 1 {
      guard own[axis] == 1 else { throw .malformed("makes \(given) of \(lengths)") }
      picks[axis] = [Int](repeating: 0, count: try AxisPicks.check(target[axis]))
    }
    return AxisPicks(view: own, picks)
  }

  private static func tile(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    guard let repeats = try node.constant(1, "repeats")?.integers("a repeat"),
      repeats.count == lengths.count
    else { throw .malformed("lacks a number of repeats for each axis") }
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    for (axis, count) in repeats.enumerated() where count != 1 {
      let (total, overflows) = count.multipliedReportingOverflow(by: lengths[axis])
      guard count >= 0, !overflows else {
        throw .malformed("repeats \(lengths[axis]) elements \(count) times")
      }
      let length = max(lengths[axis], 1)
      picks[axis] = try (0..<AxisPicks.check(total)).map { $0 % length }
    }
    return AxisPicks(picks)
  }

  private static func split(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    var parts: [KnownValue] = []
    for (output, choice) in try shares(node, translator.lengths(placed.dimensions)).enumerated() {
      // A part that nobody reads is not computed.
      let isWanted = translator.structure.isWanted(node.node.outputs[output])
      let name = parts.isEmpty ? node.name : translator.unique(node.name)
      parts.append(
        .placed(isWanted ? try translator.picked(placed, choice, name) : placed))
    }
    return parts
  }

  private static func foldedSplit(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    var data = try inputs.input(0)
    let choices = try shares(node, data.dimensions)
    // Read once for all parts.
    data.source = .computed(try data.doubles())
    var parts: [Constant] = []
    for choice in choices { parts.append(try choice.folded(data)) }
    return parts
  }

  /// What each output of a split takes.
  private static func shares(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> [AxisPicks] {
    let axis = try node.axis(node.integer("axis", 0), rank: lengths.count)
    let count = node.node.outputs.count
    let named = try node.integer("num_outputs", count)
    guard named == count, count > 0 else {
      throw .malformed("gives \(count) parts, but should \(named)")
    }
    // Without lengths the last part may be shorter.
    let size = (lengths[axis] + count - 1) / count
    let given = try list(node, "split", input: 1)
    let parts = given ?? (0..<count).map { max(0, min(size, lengths[axis] - $0 * size)) }
    var (result, start) = ([AxisPicks](), 0)
    for length in parts {
      guard length >= 0, length <= lengths[axis] - start else {
        throw .malformed("splits \(lengths[axis]) elements into \(parts)")
      }
      var picks = [[Int]?](repeating: nil, count: lengths.count)
      _ = try AxisPicks.check(length)
      picks[axis] = Array(start..<start + length)
      result.append(AxisPicks(picks))
      start += length
    }
    guard parts.count == count, start == lengths[axis] else {
      throw .malformed("splits \(lengths[axis]) elements into \(parts)")
    }
    return result
  }
}

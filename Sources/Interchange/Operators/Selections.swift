import Basics
import Formats

/// Parts of constants, as exporters pick them out of shapes.
enum Selections {
  /// How each is computed.
  static let rules = [
    "Gather": OperatorRule(fold: gather), "Slice": OperatorRule(fold: slice),
    "Expand": OperatorRule(fold: expand),
  ]

  @Sendable
  private static func gather(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    guard inputs.count == 2, let data = inputs[0], let chosen = inputs[1] else {
      throw Problem(.malformed, "lacks an input")
    }
    let lengths = data.dimensions
    guard !lengths.isEmpty else { throw Problem(.malformed, "gathers from a scalar") }
    let axis = try node.axis(node.integer("axis", 0), rank: lengths.count)
    var places: [Int] = []
    for place in try chosen.integers("an index") {
      guard (-lengths[axis]..<lengths[axis]).contains(place) else {
        throw Problem(.malformed, "gathers element \(place) of \(lengths[axis])")
      }
      places.append(place < 0 ? place + lengths[axis] : place)
    }
    let values = try data.doubles()
    let inner = lengths[(axis + 1)...].reduce(1, *)
    return [
      try Constant(
        data.element, lengths[..<axis] + chosen.dimensions + lengths[(axis + 1)...]
      ) { index in
        let (outer, place) = (index / inner / places.count, index / inner % places.count)
        return values[(outer * lengths[axis] + places[place]) * inner + index % inner]
      }
    ]
  }

  @Sendable
  private static func slice(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    guard let data = inputs.first ?? nil else { throw Problem(.malformed, "lacks its input") }
    /// An attribute up to version 9, an input from 10 on.
    func list(_ name: String, _ input: Int) throws(Problem) -> [Int]? {
      if let attribute = try node.integers(name) { return attribute }
      return try node.constant(input, name)?.integers(name)
    }
    guard let starts = try list("starts", 1), let ends = try list("ends", 2) else {
      throw Problem(.malformed, "lacks its bounds")
    }
    let lengths = data.dimensions
    let axes = try list("axes", 3) ?? Array(starts.indices)
    let steps = try list("steps", 4) ?? axes.map { _ in 1 }
    guard [ends.count, axes.count, steps.count].allSatisfy({ $0 == starts.count }) else {
      throw Problem(.malformed, "has \(starts.count) starts, but another number of ends")
    }
    var (first, step, target) = (lengths.map { _ in 0 }, lengths.map { _ in 1 }, lengths)
    for (place, axis) in axes.enumerated() {
      let axis = try node.axis(axis, rank: lengths.count)
      guard lengths.indices.contains(axis), steps[place] != 0 else {
        throw Problem(.malformed, "slices a scalar, or by steps of 0")
      }
      let (length, isForward) = (lengths[axis], steps[place] > 0)
      // Steps longer than the dimension pick one element, whatever their length.
      step[axis] = max(-length - 1, min(steps[place], length + 1))
      func bound(_ number: Int) -> Int {
        let clamped = max(-length - 1, min(number, length))
        let fromStart = clamped < 0 ? clamped + length : clamped
        return isForward ? max(0, min(fromStart, length)) : max(-1, min(fromStart, length - 1))
      }
      let (from, to) = (bound(starts[place]), bound(ends[place]))
      first[axis] = from
      let distance = isForward ? to - from : from - to
      target[axis] = max(0, (distance + abs(step[axis]) - 1) / abs(step[axis]))
    }
    let (values, own) = (try data.doubles(), Arithmetic.strides(target))
    let given = Arithmetic.strides(lengths)
    return [
      try Constant(data.element, target) { index in
        values[
          own.indices.reduce(0) { sum, axis in
            sum + (first[axis] + index / own[axis] % target[axis] * step[axis]) * given[axis]
          }]
      }
    ]
  }

  @Sendable
  private static func expand(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    guard inputs.count == 2, let lengths = try inputs[1]?.integers("a length") else {
      throw Problem(.malformed, "lacks an input")
    }
    let shape = try Constant(.float32, lengths) { _ in 0 }
    return [try Arithmetic.elementwise([inputs[0], shape], 2) { $0(0) }]
  }
}

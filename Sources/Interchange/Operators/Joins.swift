import Basics
import Graphs

/// Values side by side.
enum Joins {
  /// How each is translated.
  static let rules = ["Concat": OperatorRule(emit: join, fold: fold)]

  @Sendable
  private static func join(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    var parts: [PlacedValue] = []
    for index in node.inputs.indices { parts.append(try node.placed(index)) }
    guard let first = parts.first else { throw Problem(.malformed, "joins nothing") }
    let rank = first.dimensions.count
    let axis = try node.axis(node.integer("axis", 1), rank: rank)
    guard parts.allSatisfy({ $0.dimensions.count == rank }) else {
      throw Problem(.malformed, "joins values of different ranks")
    }
    if rank == 4, axis == 1 {
      var images: [Graph.Value] = []
      for part in parts { images.append(try translator.image(part, node.name).value) }
      return [.placed(try translator.channelsLast(node.name, Concatenation(), images))]
    }
    // Elsewhere the axis is moved innermost, and back.
    guard axis > 0 else { throw Problem(.malformed, "joins batches, which is not supported") }
    let order = (0..<rank).filter { $0 != axis } + [axis]
    var (values, length) = ([Graph.Value](), 0)
    for part in parts {
      let value = try translator.plain(part, node.name)
      values.append(try translator.transposed(value, order, node.name))
      length += part.dimensions[axis].length ?? 0
    }
    let name = axis == rank - 1 ? node.name : translator.unique("\(node.name).joined")
    let joined = try translator.builder.append(name, Concatenation(), values)[0]
    var back = Array(0..<rank - 1)
    back.insert(rank - 1, at: axis)
    var dimensions = first.dimensions
    dimensions[axis] = .fixed(length)
    let value = try translator.transposed(joined, back, node.name)
    return [.placed(PlacedValue(value: value, dimensions: dimensions))]
  }

  @Sendable
  private static func fold(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let parts = inputs.compactMap { $0 }
    guard let first = parts.first, parts.count == inputs.count else {
      throw Problem(.malformed, "joins nothing")
    }
    let axis = try node.axis(node.integer("axis", 0), rank: first.dimensions.count)
    var dimensions = first.dimensions
    dimensions[axis] = 0
    for part in parts {
      var others = part.dimensions
      guard others.indices.contains(axis) else {
        throw Problem(.malformed, "joins values of different ranks")
      }
      others[axis] = first.dimensions[axis]
      guard others == first.dimensions else {
        throw Problem(.malformed, "joins \(part.dimensions) to \(first.dimensions)")
      }
      dimensions[axis] += part.dimensions[axis]
    }
    let inner = dimensions[(axis + 1)...].reduce(1, *)
    var elements: [[Double]] = []
    for part in parts { elements.append(try part.doubles()) }
    let length = dimensions[axis]
    return [
      try Constant(first.element, dimensions) { index throws(Problem) in
        let outer = index / inner / length
        var (place, part) = (index / inner % length, 0)
        while place >= parts[part].dimensions[axis] {
          place -= parts[part].dimensions[axis]
          part += 1
        }
        return elements[part][
          (outer * parts[part].dimensions[axis] + place) * inner + index % inner]
      }
    ]
  }
}

extension Translator {
  /// A value with its dimensions in another order; the same value where it is the same order.
  mutating func transposed(
    _ value: Graph.Value, _ order: [Int], _ name: String
  ) throws(Problem) -> Graph.Value {
    guard order != Array(order.indices) else { return value }
    return try append(unique("\(name).layout"), Transpose(order), value)
  }
}

import Basics
import Tensors

/// Chosen indices of each axis: slices, repeats, borders, nearest neighbours.
package struct AxisSelection: Operator {
  /// For each axis, the index that each index of the output has in the input, −1 for the filling; nil
  /// for all of them in order.
  package var picks: [[Int]?]
  /// What an element is that is not taken from the input.
  package var filling: Double
  /// Images of the whole batch, where they are chosen too; nil where each stays what it is.
  package var images: Int?

  package init(_ picks: [[Int]?], filling: Double = 0, images: Int? = nil) {
    (self.picks, self.filling, self.images) = (picks, filling, images)
  }

  package var isPerImage: Bool { images == nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let (given, element) = (inputs[0].dimensions, inputs[0].element)
    guard given.count == picks.count, element != .bf16 else {
      throw Problem(.malformed, "\(inputs[0]) has no \(picks.count) axes to choose from")
    }
    var dimensions = given
    for (axis, picks) in picks.enumerated() {
      guard let picks else { continue }
      guard let length = [given[axis]].lengths(images: images)?[0], !picks.isEmpty,
        picks.allSatisfy({ (-1..<length).contains($0) })
      else { throw Problem(.malformed, "\(inputs[0]) lacks indices chosen of axis \(axis)") }
      dimensions[axis] = .fixed(picks.count)
    }
    if let images {
      guard let lengths = dimensions.lengths(images: images) else {
        throw Problem(.malformed, "\(inputs[0]) has lengths that are not known")
      }
      dimensions = [Dimension](lengths, images: images)
    }
    return [TensorType(element, dimensions)]
  }

  /// Each element to where it was taken from, and 0 elsewhere.
  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let given = tape.type(node.inputs[0]).dimensions
    var inverse: [[Int]?] = []
    for (axis, picks) in picks.enumerated() {
      guard let picks else {
        inverse.append(nil)
        continue
      }
      let taken = picks.filter { $0 >= 0 }
      guard let length = given[axis].length, Set(taken).count == taken.count else {
        throw Problem(
          .malformed, "\(node.name): what is taken twice, or of a batch, has no gradient")
      }
      var places = [Int](repeating: -1, count: length)
      for (place, pick) in picks.enumerated() where pick >= 0 { places[pick] = place }
      inverse.append(places)
    }
    return try tape.append(node.name, AxisSelection(inverse), [output])
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let lengths = inputs[0].shape.dimensions
    let counts = zip(lengths, picks).map { $1?.count ?? $0 }
    guard let target = Shape(counts) else { return [] }
    return [
      ReferenceTensor(target) { index in
        var (rest, source, stride) = (index, 0, 1)
        for axis in lengths.indices.reversed() {
          let place = rest % counts[axis]
          let pick = picks[axis].map { $0[place] } ?? place
          guard pick >= 0 else { return filling }
          source += pick * stride
          rest /= counts[axis]
          stride *= lengths[axis]
        }
        return inputs[0].values[source]
      }
    ]
  }
}

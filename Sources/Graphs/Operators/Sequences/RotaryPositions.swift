import Basics
import Kernels
import Tensors

/// Pairs of floats turned by angles that follow from a row's position.
///
/// Reads `items × heads × rows × floats`, or `items × rows × floats` of all heads; cosines and sines;
/// and positions, where those are not given row by row.
package struct RotaryPositions: Operator {
  /// Heads, where three dimensions do not say it.
  package var heads = 0
  /// Floats of a row that are turned; 0 for all.
  package var turned = 0
  /// Whether a pair's floats are neighbours.
  package var isInterleaved = false
  package var hasPositions = false

  /// Turns all floats, the halves of a row being the pairs.
  package init() {}

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(hasPositions ? 4 : 3, of: inputs)
    try requireFloats(Array(inputs[..<3]))
    let dimensions = inputs[0].dimensions
    let lengths = dimensions.dropFirst().compactMap(\.length)
    guard lengths.count == dimensions.count - 1, let item = dimensions.first,
      let size = size(lengths, items: 1)
    else { throw Problem(.malformed, "\(inputs[0]) has no rows that could be turned") }
    let angles = hasPositions ? inputs[1].dimensions.first : item
    let half = Dimension.fixed(size.turned / 2)
    let rows = Dimension.fixed(size.rows)
    let wanted = [angles].compactMap { $0 } + (hasPositions ? [half] : [rows, half])
    for input in inputs[1...2] where input.dimensions != wanted {
      throw Problem(.malformed, "\(input) is not \(TensorType(.f32, wanted))")
    }
    if hasPositions, inputs[3] != TensorType(.i64, [item, rows]) {
      throw Problem(.malformed, "\(inputs[3]) is not a position for each row")
    }
    guard !hasPositions || angles?.length != nil else {
      throw Problem(.malformed, "\(inputs[1]) has no number of positions")
    }
    return [inputs[0]]
  }

  /// What a run does.
  ///
  /// - Parameters:
  ///   - lengths: Of an item.
  ///   - items: How many there are.
  /// - Returns: nil where heads, or pairs, do not come out even.
  package func size(_ lengths: [Int], items: Int) -> RotaryTurn? {
    let isByHeads = lengths.count == 3
    let heads = isByHeads ? lengths[0] : self.heads
    guard isByHeads || lengths.count == 2, heads > 0, let last = lengths.last,
      last % heads == 0 || isByHeads
    else { return nil }
    let (rows, width) = (lengths[isByHeads ? 1 : 0], isByHeads ? last : last / heads)
    let turned = turned == 0 ? width : turned
    guard turned > 0, turned <= width, turned % 2 == 0 else { return nil }
    return RotaryTurn(
      items: items, heads: heads, rows: rows,
      places: HeadAttention.rows(isByHeads: isByHeads, heads: heads, rows: rows, width: width),
      width: width, turned: turned, isInterleaved: isInterleaved)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let shape = inputs[0].shape
    guard let size = size(Array(shape.dimensions.dropFirst()), items: shape.N) else { return [] }
    let half = size.turned / 2
    var values = inputs[0].values
    for item in 0..<shape.N {
      for row in 0..<size.rows {
        let index = item * size.rows + row
        let position = hasPositions ? Int(inputs[3].values[index]) : index
        for head in 0..<size.heads {
          let places = size.places
          let start = item * places.item + head * places.head + row * places.row
          for j in 0..<half {
            let first = start + (isInterleaved ? 2 * j : j)
            let second = isInterleaved ? first + 1 : first + half
            let (a, b) = (inputs[0].values[first], inputs[0].values[second])
            let cosine = inputs[1].values[position * half + j]
            let sine = inputs[2].values[position * half + j]
            values[first] = a * cosine - b * sine
            values[second] = a * sine + b * cosine
          }
        }
      }
    }
    return [ReferenceTensor(shape, values)]
  }
}

/// Where the elements of a tensor are that a list of indices names.
public struct IndexedPlaces: Sendable {
  /// How indices name elements.
  public enum Kind: Hashable, Sendable {
    /// Each names a slice across an axis.
    case slices(axis: Int)
    /// Each replaces the index along an axis of the element that it belongs to.
    case elements(axis: Int)
    /// A row of them names an element, or a block, inside the outermost dimensions that both have.
    case rows(shared: Int)
  }

  /// Number of blocks that are named.
  public let count: Int
  /// Elements of a block.
  public let block: Int
  private let kind: Kind
  private let lengths: [Int]
  private let strides: [Int]
  private let indexLengths: [Int]

  /// Fixes what the indices mean.
  ///
  /// - Parameters:
  ///   - lengths: Of the tensor, outermost first.
  ///   - indices: Lengths of the indices, outermost first; the last one of rows is that of a row.
  ///   - kind: How they name elements.
  public init(_ lengths: [Int], indices: [Int], kind: Kind) {
    var (strides, stride) = (lengths, 1)
    for axis in lengths.indices.reversed() {
      strides[axis] = stride
      stride *= lengths[axis]
    }
    let total = indices.reduce(1, *)
    switch kind {
    case .slices(let axis):
      block = strides[axis]
      count = lengths[..<axis].reduce(total, *)
    case .elements: (count, block) = (total, 1)
    case .rows(let shared):
      let depth = indices[indices.count - 1]
      block = lengths[(shared + depth)...].reduce(1, *)
      count = total / depth
    }
    (self.kind, self.lengths, self.strides) = (kind, lengths, strides)
    indexLengths = indices
  }

  /// The first element of a block; nil where an index is out of range.
  func start(of place: Int, _ indices: IndexList) -> Int? {
    switch kind {
    case .slices(let axis):
      let list = indexLengths.reduce(1, *)
      guard let index = indices.place(place % list, of: lengths[axis]) else { return nil }
      return (place / list * lengths[axis] + index) * block
    case .elements(let axis):
      guard let index = indices.place(place, of: lengths[axis]) else { return nil }
      var (rest, start) = (place, index * strides[axis])
      for dimension in indexLengths.indices.reversed() {
        if dimension != axis { start += rest % indexLengths[dimension] * strides[dimension] }
        rest /= indexLengths[dimension]
      }
      return start
    case .rows(let shared):
      let depth = indexLengths[indexLengths.count - 1]
      var start = 0
      if shared > 0 {
        let rows = indexLengths[shared..<indexLengths.count - 1].reduce(1, *)
        start = place / rows * strides[shared - 1]
      }
      for step in 0..<depth {
        let axis = shared + step
        guard let index = indices.place(place * depth + step, of: lengths[axis]) else {
          return nil
        }
        start += index * strides[axis]
      }
      return start
    }
  }
}

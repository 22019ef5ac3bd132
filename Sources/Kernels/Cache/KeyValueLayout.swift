/// How the keys and values of earlier positions lie that attention goes on from, token by token.
///
/// Of each item and head, keys lie in panels of as many positions as a vector has lanes, each panel
/// `depth × lanes`: the scores of a panel are sums of whole vectors, read in one stream. Values lie
/// row by row, `capacity × width`. What lies beyond the last position is finite, and no result
/// depends on it.
public struct KeyValueLayout: Hashable, Sendable {
  /// Heads of keys and values.
  public var heads: Int
  /// Positions that there is room for.
  public var capacity: Int
  /// Floats of a key, and of a value.
  public var (depth, width): (Int, Int)

  /// Names all lengths, each at least 1.
  public init(heads: Int, capacity: Int, depth: Int, width: Int) {
    precondition(heads > 0 && capacity > 0 && depth > 0 && width > 0, "an empty cache")
    (self.heads, self.capacity) = (heads, capacity)
    (self.depth, self.width) = (depth, width)
  }

  /// Panels of a head's keys.
  public var panels: Int { (capacity + VectorUnit.lanes - 1) / VectorUnit.lanes }

  /// Floats of a head's keys, and of its values.
  var headCounts: (keys: Int, values: Int) {
    (panels * depth * VectorUnit.lanes, capacity * width)
  }

  /// Copies the first rows of every item and head to their places.
  ///
  /// - Parameters:
  ///   - batch: Items, each with a cache of its own.
  ///   - rows: Of an item, at most `capacity`.
  ///   - keys: `batch × rows × heads · depth`.
  ///   - values: `batch × rows × heads · width`.
  ///   - cachedKeys: Where the first item's keys lie.
  ///   - cachedValues: Where the first item's values lie.
  ///   - pool: Runs the work.
  public func fill(
    batch: Int, rows: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
    toKeys cachedKeys: UnsafeMutablePointer<Float>,
    values cachedValues: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(rows <= capacity, "\(rows) rows with room for \(capacity)")
    let counts = headCounts
    pool.forEachShare(of: batch * heads) { items in
      for index in items {
        let own = index / heads * rows * heads + index % heads
        append(
          rows: rows, at: 0, keys: keys + own * depth, values: values + own * width,
          toKeys: cachedKeys + index * counts.keys, values: cachedValues + index * counts.values)
      }
    }
  }

  /// Copies rows of one head to their places.
  ///
  /// - Parameters:
  ///   - rows: How many.
  ///   - position: That of the first; there is room for all.
  ///   - keys: The first row's key; the others follow at a distance of `heads × depth` floats.
  ///   - values: Likewise, `heads × width` floats apart.
  ///   - cachedKeys: Where the head's keys lie.
  ///   - cachedValues: Where the head's values lie.
  @inline(__always)
  func append(
    rows: Int, at position: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
    toKeys cachedKeys: UnsafeMutablePointer<Float>,
    values cachedValues: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    var row = 0
    while row < rows {
      let place = position &+ row
      let count = min(lanes &- place % lanes, rows &- row)
      Transpose.write(
        rows: count, columns: depth, keys + row &* heads &* depth, stride: heads &* depth,
        to: cachedKeys + (place / lanes &* depth &* lanes &+ place % lanes), stride: lanes)
      row &+= count
    }
    for row in 0..<rows {
      (cachedValues + (position &+ row) &* width).update(
        from: values + row &* heads &* width, count: width)
    }
  }
}

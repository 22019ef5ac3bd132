/// Sums of blocks that indices name: what the derivative by a table of embeddings is.
///
/// Each thread has blocks of the tensor of its own and goes through all indices in their order, so
/// that what is added to a block is added in that order, whatever the number of threads. An index
/// that names nothing adds nothing.
public enum IndexedSum {
  /// Adds blocks to those that their indices name.
  ///
  /// - Parameters:
  ///   - places: Where they go; a block begins at a multiple of its length.
  ///   - indices: As many as `places` was made for.
  ///   - total: Elements of the tensor.
  ///   - accumulates: Whether the tensor's elements of before count; otherwise it begins with zeros.
  ///   - updates: `places.count × places.block` floats.
  ///   - output: The tensor.
  ///   - pool: Runs the work.
  public static func add(
    _ places: IndexedPlaces, indices: IndexList, total: Int, accumulates: Bool,
    updates: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let block = places.block
    pool.forEachShare(of: total / block, grain: Swift.max(1, 1024 / block)) { own in
      if !accumulates {
        (output + own.lowerBound * block).update(repeating: 0, count: own.count * block)
      }
      for place in 0..<places.count {
        guard let start = places.start(of: place, indices), own.contains(start / block) else {
          continue
        }
        add(block, updates + place * block, to: output + start)
      }
    }
  }

  private static func add(
    _ count: Int, _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    let whole = count - count % lanes
    for j in stride(from: 0, to: whole, by: lanes) {
      (Vector.load(target + j) + Vector.load(source + j)).store(target + j)
    }
    for j in whole..<count { target[j] += source[j] }
  }
}

/// Keys or values of earlier calls and those of this one, one behind the other.
public enum AttentionCache {
  /// Joins the rows of each head.
  ///
  /// - Parameters:
  ///   - size: Items, heads of keys, and keys, those of earlier calls included.
  ///   - width: Floats of a row.
  ///   - past: `batch × heads × past rows`; nil where there are none.
  ///   - pastRows: How many of a head's keys these are.
  ///   - new: The others, apart from the target.
  ///   - rows: How these lie.
  ///   - target: `batch × heads × keys`, overwritten.
  ///   - pool: Runs the work.
  public static func join(
    _ size: Attention.Size, width: Int, past: UnsafePointer<Float>?, pastRows: Int,
    new: UnsafePointer<Float>, rows: Attention.Rows, to target: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let heads = size.batch * size.keyHeads
    pool.forEachShare(of: heads) { items in
      for index in items {
        let start = target + index * size.keys * width
        if let past {
          start.update(from: past + index * pastRows * width, count: pastRows * width)
        }
        let source = new + rows.start(index / size.keyHeads, index % size.keyHeads)
        for row in 0..<size.keys - pastRows {
          (start + (pastRows + row) * width).update(from: source + row * rows.row, count: width)
        }
      }
    }
  }
}

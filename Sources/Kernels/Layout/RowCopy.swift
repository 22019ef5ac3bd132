/// Copies of some of the channels of a tensor.
public enum RowCopy {
  /// Copies `channels` floats of each row.
  ///
  /// - Parameters:
  ///   - rows: Pixels of all images.
  ///   - channels: Floats of a row that are copied.
  ///   - source: The first float, and floats from row to row.
  ///   - target: Where it goes, and floats from row to row; apart from the source.
  ///   - pool: Runs the work.
  public static func copy(
    rows: Int, channels: Int, from source: (start: UnsafePointer<Float>, pitch: Int),
    to target: (start: UnsafeMutablePointer<Float>, pitch: Int), pool: ThreadPool
  ) {
    pool.forEachShare(of: rows, grain: 16) { rows in
      for row in rows {
        (target.start + row * target.pitch).update(
          from: source.start + row * source.pitch, count: channels)
      }
    }
  }
}

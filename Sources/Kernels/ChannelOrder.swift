/// Images from the order of kernels, `N H W C`, to that of the reference, `N C H W`, and back.
public enum ChannelOrder {
  /// Turns each image's matrix round: pixels by channels, or channels by pixels on the way back.
  ///
  /// - Parameters:
  ///   - images: Number of images.
  ///   - rows: Rows of the input's matrices.
  ///   - columns: Columns of the input's matrices.
  ///   - input: `images × rows × columns`.
  ///   - output: `images × columns × rows`; apart from the input.
  ///   - pool: Runs the work.
  public static func turn(
    images: Int, rows: Int, columns: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: images) { items in
      for image in items {
        let first = image * rows * columns
        Transpose.write(
          rows: rows, columns: columns, input + first, stride: columns, to: output + first,
          stride: rows)
      }
    }
  }
}

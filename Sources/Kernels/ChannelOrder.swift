/// Images from the order of kernels, `N H W C`, to that of the reference, `N C H W`, and back.
public enum ChannelOrder {
  /// Writes all pixels of a channel before the next channel, image by image.
  ///
  /// - Parameters:
  ///   - images: Number of images.
  ///   - pixels: Of an image.
  ///   - channels: Of a pixel.
  ///   - input: `images × pixels × channels`.
  ///   - output: `images × channels × pixels`; apart from the input.
  ///   - pool: Runs the work.
  public static func channelsFirst(
    images: Int, pixels: Int, channels: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    transpose(images: images, rows: pixels, columns: channels, input, output, pool)
  }

  /// Writes all channels of a pixel before the next pixel, image by image.
  ///
  /// - Parameters:
  ///   - images: Number of images.
  ///   - pixels: Of an image.
  ///   - channels: Of a pixel.
  ///   - input: `images × channels × pixels`.
  ///   - output: `images × pixels × channels`; apart from the input.
  ///   - pool: Runs the work.
  public static func channelsLast(
    images: Int, pixels: Int, channels: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    transpose(images: images, rows: channels, columns: pixels, input, output, pool)
  }

  private static func transpose(
    images: Int, rows: Int, columns: Int, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ pool: ThreadPool
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

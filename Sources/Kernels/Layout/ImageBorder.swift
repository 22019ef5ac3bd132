/// Rows and columns around an image, on each side.
public struct ImageBorder: Hashable, Sendable {
  /// Rows above the first one.
  public var top: Int
  /// Columns before the first one.
  public var left: Int
  /// Rows below the last one.
  public var bottom: Int
  /// Columns behind the last one.
  public var right: Int

  /// Names all four.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  /// Whether there is none.
  public var isEmpty: Bool { top == 0 && left == 0 && bottom == 0 && right == 0 }

  /// Puts zeros around images.
  ///
  /// - Parameters:
  ///   - images: Number of images.
  ///   - rows: Of an image without the border.
  ///   - columns: Of an image without the border.
  ///   - channels: Of a pixel.
  ///   - input: `images × rows × columns × channels`.
  ///   - output: The same with the border; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func add(
    images: Int, rows: Int, columns: Int, channels: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (height, width) = (top + rows + bottom, (left + columns + right) * channels)
    pool.forEachShare(of: images * height) { share in
      for row in share {
        let (image, h, target) = (row / height, row % height - top, output + row * width)
        guard h >= 0, h < rows else {
          target.update(repeating: 0, count: width)
          continue
        }
        let (before, inside) = (left * channels, columns * channels)
        target.update(repeating: 0, count: before)
        (target + before).update(from: input + (image * rows + h) * inside, count: inside)
        (target + before + inside).update(repeating: 0, count: right * channels)
      }
    }
  }

  /// Takes the border of images off.
  ///
  /// - Parameters:
  ///   - images: Number of images.
  ///   - rows: Of an image without the border.
  ///   - columns: Of an image without the border.
  ///   - channels: Of a pixel.
  ///   - input: `images × (top + rows + bottom) × (left + columns + right) × channels`.
  ///   - output: `images × rows × columns × channels`; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func remove(
    images: Int, rows: Int, columns: Int, channels: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (height, width) = (top + rows + bottom, (left + columns + right) * channels)
    pool.forEachShare(of: images * rows) { share in
      for row in share {
        let source = (row / rows * height + top + row % rows) * width + left * channels
        (output + row * columns * channels).update(from: input + source, count: columns * channels)
      }
    }
  }
}

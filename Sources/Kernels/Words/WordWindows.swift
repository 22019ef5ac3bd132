/// Copies the windows of output pixels into rows of whole words, one after the other.
///
/// A row is the `R · S · C/groups` elements of a window without gaps, in the order of a filter's
/// weights, then zeros to the end of its last word: with these rows a convolution is a plain product.
struct WordWindows: Sendable {
  /// What is copied at a time. The end of the last one of a window's row may belong to what comes next,
  /// which is written after it.
  private typealias Chunk = SIMD32<UInt8>

  /// Bytes behind the last row that are written as well.
  static let slack = 64

  /// Bytes from a row to the next: whole words.
  let rowBytes: Int

  private let shape: ConvShape
  private let (outputRows, outputColumns): (Int, Int)
  /// What every byte outside the image is.
  private let border: UInt8
  /// Where the group's channels begin in a pixel, in bytes.
  private let first: Int
  /// Bytes of a position of the window: the channels of the group.
  private let position: Int
  /// Bytes of a row of the window, without gaps.
  private let run: Int
  /// Bytes of a pixel of the image, of a line and of all lines.
  private let (pixel, line, image): (Int, Int, Int)
  /// Bytes of all images.
  private let inputByteCount: Int
  /// Bytes from the first byte of a window to the end of what is read of it in chunks.
  private let reach: Int
  /// Whether positions of a row of the window follow each other in the image.
  private let isContiguous: Bool
  /// The bits of a row's last word that are the window's.
  private let mask: UInt32

  /// Fixes what is copied.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - group: Which group's channels.
  ///   - elements: Elements of a word.
  ///   - border: What every byte outside the image is.
  init(_ shape: ConvShape, group: Int, elements: Int, border: UInt8) {
    let size = 4 / elements
    let position = shape.C / shape.groups * size
    let run = shape.S * position
    let depth = shape.R * run
    let rowBytes = (depth + 3) / 4 * 4
    let line = shape.W * shape.C * size
    let chunk = MemoryLayout<Chunk>.size
    (self.shape, self.border) = (shape, border)
    (outputRows, outputColumns) = (shape.P, shape.Q)
    (self.position, first) = (position, group * position)
    (self.run, self.rowBytes) = (run, rowBytes)
    (pixel, self.line, image) = (shape.C * size, line, shape.H * line)
    inputByteCount = shape.N * shape.H * line
    reach = (shape.R - 1) * shape.dilations.vertical * line + (run + chunk - 1) / chunk * chunk
    isContiguous = shape.groups == 1 && shape.dilations.horizontal == 1
    mask = UInt32.max >> UInt32(8 * (rowBytes - depth))
  }

  /// Copies windows.
  ///
  /// - Parameters:
  ///   - pixels: Output pixels in the order of `N P Q`.
  ///   - input: `N H W C`.
  ///   - rows: Aligned to words; `rowBytes` for each pixel and `slack` are written.
  func gather(
    _ pixels: Range<Int>, from input: UnsafeRawPointer, to rows: UnsafeMutableRawPointer
  ) {
    let (strides, paddings) = (shape.strides, shape.paddings)
    let firstLine = pixels.lowerBound / outputColumns
    let firstImage = firstLine / outputRows
    var q = pixels.lowerBound &- firstLine &* outputColumns
    var p = firstLine &- firstImage &* outputRows
    var start = firstImage &* image
    var row = rows
    for _ in pixels {
      let top = p &* strides.vertical &- paddings.vertical
      let left = q &* strides.horizontal &- paddings.horizontal
      let corner = start &+ top &* line &+ left &* pixel
      if isInside(top, left), corner &+ reach <= inputByteCount {
        copyInside(input + corner, to: row)
      } else {
        copyParts(input + (start &+ first), top: top, left: left, to: row)
      }
      // A NaN there would spread, though its weight is 0.
      let last = row + (rowBytes &- 4)
      last.storeBytes(of: last.load(as: UInt32.self) & mask, as: UInt32.self)
      row += rowBytes
      q &+= 1
      if q == outputColumns { (p, q) = (p &+ 1, 0) }
      if p == outputRows {
        p = 0
        start &+= image
      }
    }
  }

  /// Whether a window lies in the image as one piece a row.
  @inline(__always)
  private func isInside(_ top: Int, _ left: Int) -> Bool {
    isContiguous && top >= 0 && left >= 0 && left &+ shape.S <= shape.W
      && top &+ (shape.R &- 1) &* shape.dilations.vertical < shape.H
  }

  /// Copies a window in chunks, row by row, also what follows its rows in the image.
  @inline(__always)
  private func copyInside(_ window: UnsafeRawPointer, to row: UnsafeMutableRawPointer) {
    let pitch = shape.dilations.vertical &* line
    var (source, target) = (window, row)
    for _ in 0..<shape.R {
      var offset = 0
      while offset < run {
        target.storeBytes(
          of: source.loadUnaligned(fromByteOffset: offset, as: Chunk.self),
          toByteOffset: offset, as: Chunk.self)
        offset &+= MemoryLayout<Chunk>.size
      }
      source += pitch
      target += run
    }
  }

  /// Copies what of a window lies in the image, and no byte beside it; the rest is the border.
  private func copyParts(
    _ image: UnsafeRawPointer, top: Int, left: Int, to row: UnsafeMutableRawPointer
  ) {
    // The positions of a row that lie in the image, where they follow each other.
    let low = min(max(0 &- left, 0), shape.S)
    let high = max(low, min(shape.S, shape.W &- left))
    for r in 0..<shape.R {
      let target = row + r &* run
      let h = top &+ r &* shape.dilations.vertical
      if h < 0 || h >= shape.H {
        fill(target, positions: shape.S)
      } else if isContiguous {
        fill(target, positions: low)
        if low < high {
          (target + low &* position).copyMemory(
            from: image + (h &* line &+ (left &+ low) &* pixel),
            byteCount: (high &- low) &* position)
        }
        fill(target + high &* position, positions: shape.S &- high)
      } else {
        copyPositions(image + h &* line, left: left, to: target)
      }
    }
  }

  /// Copies a row of a window position by position.
  private func copyPositions(
    _ line: UnsafeRawPointer, left: Int, to row: UnsafeMutableRawPointer
  ) {
    var (w, target) = (left, row)
    for _ in 0..<shape.S {
      if w >= 0, w < shape.W {
        target.copyMemory(from: line + w &* pixel, byteCount: position)
      } else {
        fill(target, positions: 1)
      }
      target += position
      w &+= shape.dilations.horizontal
    }
  }

  /// Writes positions outside the image.
  @inline(__always)
  private func fill(_ target: UnsafeMutableRawPointer, positions: Int) {
    target.initializeMemory(as: UInt8.self, repeating: border, count: positions &* position)
  }
}

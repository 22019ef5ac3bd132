/// Copies the windows of output pixels into rows of whole words, one after the other (im2col).
///
/// A row is the `R · S · C/groups` elements of a window without gaps, in the order of a filter's
/// weights, then zeros to the end of its last word: with these rows a convolution is a plain product.
struct WordIm2col: Sendable {
  /// What is copied at a time.
  ///
  /// The end of the last one of a window's row may belong to what comes next, which is written after it.
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
    isContiguous = shape.hasContiguousWindowRows
    mask = UInt32.max >> UInt32(8 * (rowBytes - depth))
  }

  /// Copies windows.
  ///
  /// - Parameters:
  ///   - pixels: Output pixels in the order of `N P Q`.
  ///   - input: `N H W C`.
  ///   - rows: Aligned to words; `rowBytes` for each pixel and `slack` are written.
  func lower(
    _ pixels: Range<Int>, from input: UnsafeRawPointer, to rows: UnsafeMutableRawPointer
  ) {
    let (strides, paddings) = (shape.strides, shape.paddings)
    let firstLine = pixels.lowerBound / outputColumns
    let firstImage = firstLine / outputRows
    var q = pixels.lowerBound &- firstLine &* outputColumns
    var p = firstLine &- firstImage &* outputRows
    var start = firstImage &* image
    var row = rows
    var left = pixels.count
    while left > 0 {
      let top = p &* strides.vertical &- paddings.vertical
      let end = min(outputColumns, q &+ left)
      left &-= end &- q
      let inside = columnsInside(top: top, start: start).clamped(to: q..<end)
      row = copyParts(q..<inside.lowerBound, top: top, input + (start &+ first), to: row)
      let corner = inside.lowerBound &* strides.horizontal &- paddings.horizontal
      row = copyInside(
        inside.count, input + (start &+ top &* line &+ corner &* pixel), to: row)
      row = copyParts(inside.upperBound..<end, top: top, input + (start &+ first), to: row)
      q = 0
      p &+= 1
      if p == outputRows {
        p = 0
        start &+= image
      }
    }
  }

  /// The columns of an output line whose windows lie in the image, each row in one piece, and so far
  /// before its end that they can be read in chunks.
  private func columnsInside(top: Int, start: Int) -> Range<Int> {
    let (stride, padding) = (shape.strides.horizontal, shape.paddings.horizontal)
    let low = (padding &+ stride &- 1) / stride
    let last = shape.W &- shape.S &+ padding
    let room = inputByteCount &- reach &- start &- top &* line &+ padding &* pixel
    guard isContiguous, top >= 0, top &+ (shape.R &- 1) &* shape.dilations.vertical < shape.H,
      last >= 0, room >= 0
    else { return 0..<0 }
    let high = min(last / stride, room / (stride &* pixel)) &+ 1
    return low..<max(low, high)
  }

  /// Copies windows that lie in the image in chunks, row by row, also what follows their rows there.
  ///
  /// - Returns: Where the next window's row begins.
  private func copyInside(
    _ count: Int, _ windows: UnsafeRawPointer, to rows: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let (height, run, mask, rowBytes) = (shape.R, self.run, self.mask, self.rowBytes)
    let (pitch, step) = (shape.dilations.vertical &* line, shape.strides.horizontal &* pixel)
    let chunk = MemoryLayout<Chunk>.size
    var (window, row) = (windows, rows)
    for _ in 0..<count {
      var (source, target) = (window, row)
      if run <= chunk {
        for _ in 0..<height {
          target.storeBytes(of: source.loadUnaligned(as: Chunk.self), as: Chunk.self)
          source += pitch
          target += run
        }
      } else {
        for _ in 0..<height {
          var offset = 0
          while offset < run {
            (target + offset).storeBytes(
              of: (source + offset).loadUnaligned(as: Chunk.self), as: Chunk.self)
            offset &+= chunk
          }
          source += pitch
          target += run
        }
      }
      window += step
      row += rowBytes
      end(row, mask)
    }
    return row
  }

  /// Ends a row with zeros: a NaN there would spread, though its weight is 0.
  @inline(__always)
  private func end(_ next: UnsafeMutableRawPointer, _ mask: UInt32) {
    let last = next - 4
    last.storeBytes(of: last.load(as: UInt32.self) & mask, as: UInt32.self)
  }

  /// Copies windows that reach out of the image, or whose positions lie apart.
  ///
  /// - Returns: Where the next window's row begins.
  private func copyParts(
    _ columns: Range<Int>, top: Int, _ image: UnsafeRawPointer, to rows: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var row = rows
    for q in columns {
      let left = q &* shape.strides.horizontal &- shape.paddings.horizontal
      copyParts(image, top: top, left: left, to: row)
      row += rowBytes
      end(row, mask)
    }
    return row
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
      fillRow(target)
      guard h >= 0, h < shape.H else { continue }
      if isContiguous {
        if low < high {
          (target + low &* position).copyMemory(
            from: image + (h &* line &+ (left &+ low) &* pixel),
            byteCount: (high &- low) &* position)
        }
      } else {
        copyPositions(image + h &* line, left: left, to: target)
      }
    }
  }

  /// Copies those positions of a window's row that lie in the image.
  private func copyPositions(
    _ line: UnsafeRawPointer, left: Int, to row: UnsafeMutableRawPointer
  ) {
    var (w, target) = (left, row)
    for _ in 0..<shape.S {
      if w >= 0, w < shape.W {
        target.copyMemory(from: line + w &* pixel, byteCount: position)
      }
      target += position
      w &+= shape.dilations.horizontal
    }
  }

  /// Makes a window's row the border, in chunks.
  @inline(__always)
  private func fillRow(_ target: UnsafeMutableRawPointer) {
    let border = Chunk(repeating: self.border)
    var offset = 0
    while offset < run {
      (target + offset).storeBytes(of: border, as: Chunk.self)
      offset &+= MemoryLayout<Chunk>.size
    }
  }
}

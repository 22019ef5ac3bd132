import CShims

/// The matrix of a lowered convolution as panels of a few columns, made a block of pixels at a time.
///
/// Columns are taps, `R · S · C` of them, and rows are output pixels. Backward-weights multiplies
/// with it pixels as the depth, so that a panel is what the register tile calls B.
struct PixelPanels: Sendable {
  let shape: ConvShape

  /// Columns of the whole matrix.
  var columns: Int { shape.R * shape.S * shape.C }
  /// Panels that the columns are cut into.
  var count: Int { (columns + TileLimits.width - 1) / TileLimits.width }

  /// Columns of one panel that stand for taps.
  func used(_ panel: Int) -> Int { min(TileLimits.width, columns - panel * TileLimits.width) }

  /// Vectors across one panel.
  func vectors(_ panel: Int) -> Int {
    (used(panel) + VectorUnit.lanes - 1) / VectorUnit.lanes
  }

  /// Whether the input itself is the only panel, so that there is nothing to pack.
  var areInPlace: Bool {
    shape.isPointwise && count == 1 && columns == vectors(0) * VectorUnit.lanes
  }

  /// Writes a block of a panel, pixel after pixel; columns past the last tap are 0.
  ///
  /// - Parameters:
  ///   - panel: Which columns.
  ///   - pixels: Which rows.
  ///   - input: `N H W C`.
  ///   - target: `pixels.count · vectors(panel)` vectors.
  func pack(
    _ panel: Int, _ pixels: Range<Int>, of input: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let first = panel * TileLimits.width
    let pitch = vectors(panel) * VectorUnit.lanes
    if used(panel) < pitch { target.update(repeating: 0, count: pixels.count * pitch) }
    let line = shape.S * shape.C
    var column = first
    while column < first + used(panel) {
      let (r, low) = (column / line, column % line)
      let high = min(line, low + first + used(panel) - column)
      copy(r, low..<high, pixels, of: input, into: target + (column - first), pitch: pitch)
      column += high - low
    }
  }

  /// Copies a part of one line of the window, `S · C` floats that lie side by side in the input,
  /// for all pixels of a block.
  private func copy(
    _ r: Int, _ part: Range<Int>, _ pixels: Range<Int>, of input: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, pitch: Int
  ) {
    let (C, H, W, P, Q) = (shape.C, shape.H, shape.W, shape.P, shape.Q)
    let (step, top, left) = (shape.stride, shape.paddings.vertical, shape.paddings.horizontal)
    var (n, p, q) = (
      pixels.lowerBound / (P * Q), pixels.lowerBound / Q % P, pixels.lowerBound % Q
    )
    var row = target
    for _ in pixels {
      let (h, w) = (p &* step &+ r &- top, q &* step &- left)
      let isInside = h >= 0 && h < H
      // What of the part lies inside the image's line.
      let low = isInside ? min(max(part.lowerBound, 0 &- w &* C), part.upperBound) : part.upperBound
      let high = isInside ? max(low, min(part.upperBound, (W &- w) &* C)) : part.upperBound
      let source = input + ((n &* H &+ h) &* W &+ w) &* C
      var i = part.lowerBound
      while i < low {
        row[i &- part.lowerBound] = 0
        i &+= 1
      }
      while i &+ VectorUnit.lanes <= high {
        Vector.load(source + i).store(row + (i &- part.lowerBound))
        i &+= VectorUnit.lanes
      }
      while i < high {
        row[i &- part.lowerBound] = source[i]
        i &+= 1
      }
      while i < part.upperBound {
        row[i &- part.lowerBound] = 0
        i &+= 1
      }
      row += pitch
      q &+= 1
      if q == Q { (q, p) = (0, p &+ 1) }
      if p == P { (p, n) = (0, n &+ 1) }
    }
  }

  /// Fetches one part of what packing some pixels of a panel will read, into the second level.
  ///
  /// Rows of a panel lie a whole pixel apart, which no hardware prefetcher follows far. For 1x1
  /// windows only: larger ones read the same pixels again and again.
  ///
  /// - Parameters:
  ///   - panel: Which columns.
  ///   - pixels: Which rows; all their parts together are fetched.
  ///   - input: `N H W C`.
  ///   - part: In `0 ..< parts`.
  ///   - parts: Into how many equal parts the pixels are cut.
  func fetch(
    _ panel: Int, _ pixels: Range<Int>, of input: UnsafePointer<Float>, part: Int, parts: Int
  ) {
    guard shape.isPointwise else { return }
    let share = ThreadPool.share(of: pixels.count, worker: part, workers: parts)
    let bytes = used(panel) &* MemoryLayout<Float>.stride
    for pixel in share {
      let first: Int = (pixels.lowerBound &+ pixel) &* shape.C &+ panel &* TileLimits.width
      let row = UnsafeRawPointer(input + first)
      var offset = 0
      while offset < bytes {
        costcurve_prefetch_l2(row + offset)
        offset &+= 64
      }
    }
  }
}

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
    var column = first
    while column < first + used(panel) {
      let (window, c) = (column / shape.C, column % shape.C)
      let count = min(shape.C - c, first + used(panel) - column)
      copy(
        window, channels: c..<(c + count), pixels, of: input, into: target + (column - first),
        pitch: pitch)
      column += count
    }
  }

  /// Copies some channels under one window position for all pixels of a block.
  private func copy(
    _ window: Int, channels: Range<Int>, _ pixels: Range<Int>, of input: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, pitch: Int
  ) {
    let (C, H, W, P, Q) = (shape.C, shape.H, shape.W, shape.P, shape.Q)
    let (r, s) = (window / shape.S - shape.padding, window % shape.S - shape.padding)
    let (step, count) = (shape.stride, channels.count)
    var (n, p, q) = (
      pixels.lowerBound / (P * Q), pixels.lowerBound / Q % P, pixels.lowerBound % Q
    )
    var row = target
    for _ in pixels {
      let (h, w) = (p &* step &+ r, q &* step &+ s)
      if h >= 0, h < H, w >= 0, w < W {
        let source = input + (((n &* H &+ h) &* W &+ w) &* C &+ channels.lowerBound)
        var i = 0
        while i &+ VectorUnit.lanes <= count {
          Vector.load(source + i).store(row + i)
          i &+= VectorUnit.lanes
        }
        while i < count {
          row[i] = source[i]
          i &+= 1
        }
      } else {
        for i in 0..<count { row[i] = 0 }
      }
      row += pitch
      q &+= 1
      if q == Q { (q, p) = (0, p &+ 1) }
      if p == P { (p, n) = (0, n &+ 1) }
    }
  }
}

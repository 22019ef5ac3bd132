import CShims
import Tensors

/// The matrix of a lowered convolution of bfloat16 as panels of a few columns, made a block of pairs of
/// pixels at a time: as `PixelPanels`, in words of two pixels.
///
/// Columns are taps, `R · S · C` of them. A row is two output pixels that follow one another, the first
/// in the lower halves of the words; behind the last pixel of an odd number stand zeros.
struct PixelPairPanels: Sendable {
  let shape: ConvShape
  /// What positions outside the image read: as many zeros as a panel is wide.
  private let zeros: Zeros

  /// Memory that stays as it is.
  private final class Zeros: Sendable {
    let buffer = AlignedBuffer(byteCount: 2 * WordTileLimits.width)
  }

  init(_ shape: ConvShape) {
    self.shape = shape
    zeros = Zeros()
  }

  /// Output pixels of all images.
  var pixels: Int { shape.N * shape.P * shape.Q }
  /// Rows of the matrix.
  var pairs: Int { (pixels + 1) / 2 }
  /// Columns of the whole matrix.
  var columns: Int { shape.R * shape.S * shape.C }
  /// Panels that the columns are cut into.
  var count: Int { (columns + WordTileLimits.width - 1) / WordTileLimits.width }

  /// Columns of one panel that stand for taps.
  func used(_ panel: Int) -> Int {
    min(WordTileLimits.width, columns - panel * WordTileLimits.width)
  }

  /// Vectors across one panel.
  func vectors(_ panel: Int) -> Int {
    (used(panel) + WordTileLimits.lanes - 1) / WordTileLimits.lanes
  }

  /// Writes a block of a panel, pair after pair; columns past the last tap are 0.
  ///
  /// - Parameters:
  ///   - panel: Which columns.
  ///   - block: Which rows.
  ///   - input: `N H W C`.
  ///   - target: `block.count · vectors(panel)` vectors of words.
  func pack(
    _ panel: Int, _ block: Range<Int>, of input: UnsafePointer<BFloat16>,
    into target: UnsafeMutableRawPointer
  ) {
    let pitch = 4 * vectors(panel) * WordTileLimits.lanes
    if 4 * used(panel) < pitch {
      target.initializeMemory(as: UInt8.self, repeating: 0, count: block.count * pitch)
    }
    let first = panel * WordTileLimits.width
    let end = first + used(panel)
    let line = shape.S * shape.C
    var column = first
    while column < end {
      let (r, low) = (column / line, column % line)
      let high = min(line, low + end - column)
      copy(r, low..<high, block, of: input, into: target + 4 * (column - first), pitch: pitch)
      column += high - low
    }
  }

  /// Where one line of an output pixel's window begins.
  private struct Corner {
    /// The image's first element.
    var image: UnsafePointer<BFloat16>
    /// Row and column of the line's first position, which may lie outside the image.
    var h: Int
    var w: Int
  }

  /// Goes from output pixel to output pixel.
  private struct Walk {
    private let shape: ConvShape
    private let end: Int
    private var pixel: Int
    private var n: Int
    private var p: Int
    private var q: Int

    init(_ shape: ConvShape, from pixel: Int, to end: Int) {
      (self.shape, self.pixel, self.end) = (shape, pixel, end)
      n = pixel / (shape.P * shape.Q)
      p = pixel / shape.Q % shape.P
      q = pixel % shape.Q
    }

    /// Line `r` of the next pixel's window; nil behind the last pixel.
    @inline(__always)
    mutating func next(_ r: Int, of input: UnsafePointer<BFloat16>) -> Corner? {
      guard pixel < end else { return nil }
      let corner = Corner(
        image: input + n &* shape.H &* shape.W &* shape.C,
        h: p &* shape.stride &+ r &- shape.paddings.vertical,
        w: q &* shape.stride &- shape.paddings.horizontal)
      pixel &+= 1
      q &+= 1
      if q == shape.Q { (q, p) = (0, p &+ 1) }
      if p == shape.P { (p, n) = (0, n &+ 1) }
      return corner
    }
  }

  /// Copies a part of one line of the window, `S · C` elements that lie side by side in the input, for
  /// all pairs of a block.
  private func copy(
    _ r: Int, _ part: Range<Int>, _ block: Range<Int>, of input: UnsafePointer<BFloat16>,
    into target: UnsafeMutableRawPointer, pitch: Int
  ) {
    var walk = Walk(shape, from: 2 * block.lowerBound, to: pixels)
    var row = target
    for _ in block {
      let first = walk.next(r, of: input)
      let second = walk.next(r, of: input)
      if let one = inside(first, part), let other = inside(second, part) {
        Self.write(one, other, count: part.count, to: row)
      } else {
        writeTaps(first, second, part, to: row)
      }
      row += pitch
    }
  }

  /// Where a part of a line lies; nil where not all of it lies in the image.
  @inline(__always)
  private func inside(_ corner: Corner?, _ part: Range<Int>) -> UnsafePointer<BFloat16>? {
    guard let corner, corner.h >= 0, corner.h < shape.H else { return nil }
    let start = corner.w * shape.C + part.lowerBound
    guard start >= 0, start + part.count <= shape.W * shape.C else { return nil }
    return corner.image + (corner.h * shape.W * shape.C + start)
  }

  /// Writes a part of a line position by position, each of which lies in the image or outside.
  private func writeTaps(
    _ first: Corner?, _ second: Corner?, _ part: Range<Int>, to row: UnsafeMutableRawPointer
  ) {
    let C = shape.C
    let outside = UnsafePointer(zeros.buffer.bytes.assumingMemoryBound(to: BFloat16.self))
    var column = part.lowerBound
    while column < part.upperBound {
      let end = min(part.upperBound, (column / C + 1) * C)
      Self.write(
        inside(first, column..<end) ?? outside, inside(second, column..<end) ?? outside,
        count: end - column, to: row + 4 * (column - part.lowerBound))
      column = end
    }
  }

  /// Writes elements of two pixels as words.
  @inline(__always)
  static func write(
    _ first: UnsafePointer<BFloat16>, _ second: UnsafePointer<BFloat16>, count: Int,
    to target: UnsafeMutableRawPointer
  ) {
    let lanes = WordTileLimits.lanes
    var i = 0
    while i &+ lanes <= count {
      target.storeBytes(
        of: costcurve_pair_bfloats(first + i, second + i), toByteOffset: 4 &* i,
        as: IntVector.self)
      i &+= lanes
    }
    while i < count {
      target.storeBytes(
        of: UInt32(first[i].bits) | UInt32(second[i].bits) << 16, toByteOffset: 4 &* i,
        as: UInt32.self)
      i &+= 1
    }
  }

  /// Fetches one part of what packing some pairs of a panel will read, into the second level.
  ///
  /// For 1x1 windows only: larger ones read the same pixels again and again.
  ///
  /// - Parameters:
  ///   - panel: Which columns.
  ///   - pairs: Which rows; all their parts together are fetched.
  ///   - input: `N H W C`.
  ///   - part: In `0 ..< parts`.
  ///   - parts: Into how many equal parts the pairs are cut.
  func fetch(
    _ panel: Int, _ pairs: Range<Int>, of input: UnsafePointer<BFloat16>, part: Int, parts: Int
  ) {
    guard shape.isPointwise else { return }
    let share = ThreadPool.share(of: pairs.count, worker: part, workers: parts)
    let bytes = 2 &* used(panel)
    let from = min(pixels, 2 &* (pairs.lowerBound &+ share.lowerBound))
    let to = min(pixels, 2 &* (pairs.lowerBound &+ share.upperBound))
    for pixel in from..<to {
      let first: Int = pixel &* shape.C &+ panel &* WordTileLimits.width
      let row = UnsafeRawPointer(input + first)
      var offset = 0
      while offset < bytes {
        costcurve_prefetch_l2(row + offset)
        offset &+= 64
      }
    }
  }
}

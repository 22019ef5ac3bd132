import CShims

/// The output of a 3x3 convolution of bytes cut into tiles of 2x2, and the way into and out of them.
///
/// Tiles are counted along rows, then down, then over the images. What they become lies in 16
/// matrices, one a product position, of one row a tile; see `WinogradF2`. Bytes are taken as they are,
/// and the border as zero points, so that no number of `Bᵀ d B` is beyond 4 · 255: 16 bits hold it.
struct Int8WinogradTiles: Sendable {
  /// Products of a tile, and matrices that the products make.
  static let positions = 16
  /// Bytes of scratch for one thread: a vector of each pixel under a tile; a multiple of 64.
  static let scratchByteCount = positions * Int16Vector.scalarCount

  let shape: ConvShape
  /// Rows and columns of the output of an image.
  private let (rows, columns): (Int, Int)
  /// Tiles in a row of one image, and rows of tiles in one image.
  private let (across, down): (Int, Int)

  init(_ shape: ConvShape) {
    self.shape = shape
    (rows, columns) = (shape.P, shape.Q)
    (across, down) = ((shape.Q + 1) / 2, (shape.P + 1) / 2)
  }

  /// Tiles of the whole batch.
  var count: Int { shape.N * across * down }

  /// A few consecutive tiles and the matrices that they become.
  struct Block {
    /// Which tiles of the batch.
    var tiles: Range<Int>
    /// The first tile's row of the first matrix.
    var matrices: UnsafeMutableRawPointer
    /// Bytes from a matrix to the next.
    var pitchBytes: Int
    /// Bytes from a row of a matrix to the next.
    var rowBytes: Int

    /// The row of a tile in the first matrix.
    @inline(__always)
    func row(of tile: Int) -> UnsafeMutableRawPointer {
      matrices + (tile &- tiles.lowerBound) &* rowBytes
    }
  }

  /// Image, first output row and first output column of a tile.
  @inline(__always)
  private func corner(of tile: Int) -> (image: Int, p: Int, q: Int) {
    let line = tile / across
    let image = line / down
    return (image, (line &- image &* down) &* 2, (tile &- line &* across) &* 2)
  }

  /// Writes `Bᵀ d B` of each tile, in 16 bits; rows have room for whole vectors of channels.
  ///
  /// - Parameters:
  ///   - block: Which tiles, and where to.
  ///   - input: `N H W C`.
  ///   - border: `C` zero points, for pixels outside the image.
  ///   - scratch: `scratchByteCount` bytes.
  @inline(never)
  func transformInputs(
    _ block: Block, from input: UnsafePointer<UInt8>, border: UnsafePointer<UInt8>,
    scratch: UnsafeMutablePointer<UInt8>
  ) {
    let (C, lanes) = (shape.C, Int16Vector.scalarCount)
    for tile in block.tiles {
      let (image, p, q) = corner(of: tile)
      var pixels = InlineArray<16, UnsafePointer<UInt8>>(repeating: border)
      for i in 0..<4 {
        let h = p &+ i &- shape.paddings.vertical
        guard h >= 0, h < shape.H else { continue }
        let row = (image &* shape.H &+ h) &* shape.W
        for j in 0..<4 {
          let w = q &+ j &- shape.paddings.horizontal
          if w >= 0, w < shape.W { pixels[4 &* i &+ j] = input + (row &+ w) &* C }
        }
      }
      let target = block.row(of: tile)
      var c = 0
      while c &+ lanes <= C {
        Self.transformInput(pixels, channel: c, to: target + 2 &* c, pitch: block.pitchBytes)
        c &+= lanes
      }
      guard c < C else { continue }
      // What lies behind the last channel is multiplied by weights of 0.
      for i in 0..<16 {
        let copy = scratch + i &* lanes
        copy.update(from: pixels[i] + c, count: C &- c)
        pixels[i] = UnsafePointer(copy)
      }
      Self.transformInput(pixels, channel: 0, to: target + 2 &* c, pitch: block.pitchBytes)
    }
  }

  /// `Bᵀ d B` of one vector of channels.
  @inline(__always)
  private static func transformInput(
    _ pixels: InlineArray<16, UnsafePointer<UInt8>>, channel c: Int,
    to target: UnsafeMutableRawPointer, pitch: Int
  ) {
    var lines = InlineArray<16, Int16Vector>(repeating: .zero)
    for j in 0..<4 {
      let d0 = costcurve_load_int16s(pixels[j] + c)
      let d1 = costcurve_load_int16s(pixels[4 &+ j] + c)
      let d2 = costcurve_load_int16s(pixels[8 &+ j] + c)
      let d3 = costcurve_load_int16s(pixels[12 &+ j] + c)
      lines[j] = d0 &- d2
      lines[4 &+ j] = d1 &+ d2
      lines[8 &+ j] = d2 &- d1
      lines[12 &+ j] = d1 &- d3
    }
    for i in 0..<4 {
      let (t0, t1) = (lines[4 &* i], lines[4 &* i &+ 1])
      let (t2, t3) = (lines[4 &* i &+ 2], lines[4 &* i &+ 3])
      let row = target + 4 &* i &* pitch
      row.storeBytes(of: t0 &- t2, as: Int16Vector.self)
      row.storeBytes(of: t1 &+ t2, toByteOffset: pitch, as: Int16Vector.self)
      row.storeBytes(of: t2 &- t1, toByteOffset: 2 &* pitch, as: Int16Vector.self)
      row.storeBytes(of: t1 &- t3, toByteOffset: 3 &* pitch, as: Int16Vector.self)
    }
  }

  /// Stores what becomes of a quarter of `Aᵀ m A` of each tile, all filters; rows of the matrices have
  /// whole vectors of s32.
  ///
  /// - Parameters:
  ///   - block: Which tiles, and where from.
  ///   - sums: What becomes of them.
  ///   - operands: Output and residual.
  @inline(never)
  func transformOutputs(_ block: Block, _ sums: Int8WinogradSums, to operands: Int8Operands) {
    let (K, lanes) = (shape.K, WordTileLimits.lanes)
    let pixel = operands.pitch ?? K
    for tile in block.tiles {
      let (image, p, q) = corner(of: tile)
      let source = UnsafeRawPointer(block.row(of: tile))
      let first = ((image &* rows &+ p) &* columns &+ q) &* pixel
      let (hasBelow, hasRight) = (p &+ 1 < rows, q &+ 1 < columns)
      var k = 0
      while k < K {
        let found = Self.transformOutput(source + 4 &* k, pitch: block.pitchBytes)
        let above = first &+ k
        let below = above &+ columns &* pixel
        sums.store(found[0], filter: k, of: K, to: operands, at: above)
        if hasRight { sums.store(found[1], filter: k, of: K, to: operands, at: above &+ pixel) }
        if hasBelow {
          sums.store(found[2], filter: k, of: K, to: operands, at: below)
          if hasRight { sums.store(found[3], filter: k, of: K, to: operands, at: below &+ pixel) }
        }
        k &+= lanes
      }
    }
  }

  /// A quarter of `Aᵀ m A` of one vector of filters: the sums of a tile, row by row.
  @inline(__always)
  private static func transformOutput(
    _ source: UnsafeRawPointer, pitch: Int
  ) -> InlineArray<4, IntVector> {
    var lines = InlineArray<8, IntVector>(repeating: .zero)
    for j in 0..<4 {
      let column = source + j &* pitch
      let (m0, m1) = (column.ints(), (column + 4 &* pitch).ints())
      let (m2, m3) = ((column + 8 &* pitch).ints(), (column + 12 &* pitch).ints())
      lines[j] = m0 &+ m1 &+ m2
      lines[4 &+ j] = m1 &- m2 &- m3
    }
    var sums = InlineArray<4, IntVector>(repeating: .zero)
    let two = IntVector(repeating: 2)
    for i in 0..<2 {
      let (t0, t1) = (lines[4 &* i], lines[4 &* i &+ 1])
      let (t2, t3) = (lines[4 &* i &+ 2], lines[4 &* i &+ 3])
      let (left, right) = (t0 &+ t1 &+ t2, t1 &- t2 &- t3)
      sums[2 &* i] = left &>> two
      sums[2 &* i &+ 1] = right &>> two
    }
    return sums
  }
}

/// The output of a 3x3 convolution cut into square tiles, and the way into and out of them.
///
/// Tiles are counted along rows, then down, then over the images. What they become lies in
/// `(m + 2)²` matrices, one a product position, of one row a tile.
struct WinogradTiles<Transform: WinogradTransform>: Sendable {
  let shape: ConvShape
  let epilogue: Epilogue
  /// Tiles in a row of one image.
  let across: Int
  /// Rows of tiles in one image.
  let down: Int

  init(shape: ConvShape, epilogue: Epilogue) {
    self.shape = shape
    self.epilogue = epilogue
    across = (shape.Q + Transform.outputs - 1) / Transform.outputs
    down = (shape.P + Transform.outputs - 1) / Transform.outputs
  }

  /// Tiles of the whole batch.
  var count: Int { shape.N * across * down }

  /// Product positions of one tile.
  static var positions: Int { Transform.inputs * Transform.inputs }

  /// Floats of scratch for one thread: a tile of vectors.
  static var scratchCount: Int { positions * VectorUnit.lanes }

  /// Image, first output row and first output column of a tile.
  @inline(__always)
  private func place(_ tile: Int) -> (image: Int, p: Int, q: Int) {
    let line = tile / across
    let image = line / down
    return (
      image, (line &- image &* down) &* Transform.outputs,
      (tile &- line &* across) &* Transform.outputs
    )
  }

  /// Writes `Bᵀ d B` of one tile, all channels.
  ///
  /// - Parameters:
  ///   - tile: Which tile of the batch.
  ///   - input: `N H W C`.
  ///   - zeros: `C` zeros, for pixels outside the image.
  ///   - target: The tile's row of the first matrix, `C` floats.
  ///   - pitch: Distance between matrices, in floats.
  ///   - scratch: `scratchCount` floats.
  @inline(__always)
  func transformInput(
    _ tile: Int, from input: UnsafePointer<Float>, zeros: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>, pitch: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (image, p, q) = place(tile)
    let side = Transform.inputs
    let lanes = VectorUnit.lanes
    var pixels = InlineArray<36, UnsafePointer<Float>>(repeating: zeros)
    for i in 0..<side {
      let h = p &+ i &- shape.padding
      guard h >= 0, h < shape.H else { continue }
      let row = (image &* shape.H &+ h) &* shape.W
      for j in 0..<side {
        let w = q &+ j &- shape.padding
        if w >= 0, w < shape.W { pixels[i &* side &+ j] = input + (row &+ w) &* shape.C }
      }
    }
    var c = 0
    while c < shape.C {
      for j in 0..<side {
        Transform.transformInput(
          load: { Vector.load(pixels[$0 &* side &+ j] + c) },
          store: { $1.store(scratch + ($0 &* side &+ j) &* lanes) })
      }
      for i in 0..<side {
        let row = scratch + i &* side &* lanes
        let first = target + (i &* side &* pitch &+ c)
        Transform.transformInput(
          load: { Vector.load(row + $0 &* lanes) }, store: { $1.store(first + $0 &* pitch) })
      }
      c &+= lanes
    }
  }

  /// Writes `Aᵀ m A` of one tile with bias, residual and ReLU to the output, all filters.
  ///
  /// - Parameters:
  ///   - tile: Which tile of the batch.
  ///   - source: The tile's row of the first matrix, `K` floats.
  ///   - pitch: Distance between matrices, in floats.
  ///   - bias: `K` floats.
  ///   - operands: Output and residual.
  ///   - scratch: `scratchCount` floats.
  @inline(__always)
  func transformOutput(
    _ tile: Int, from source: UnsafePointer<Float>, pitch: Int, bias: UnsafePointer<Float>,
    to operands: ConvOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (image, p, q) = place(tile)
    let (side, lanes) = (Transform.inputs, VectorUnit.lanes)
    let (K, rowPitch) = (shape.K, shape.Q &* shape.K)
    let (rows, columns) = (min(Transform.outputs, shape.P &- p), shape.Q &- q)
    let corner = ((image &* shape.P &+ p) &* shape.Q &+ q) &* K
    let residual = epilogue.addsResidual ? operands.residual : nil
    let rectifies = epilogue.appliesReLU
    var k = 0
    while k < K {
      for j in 0..<side {
        let first = source + (j &* pitch &+ k)
        Transform.transformOutput(
          load: { Vector.load(first + $0 &* side &* pitch) },
          store: { $1.store(scratch + ($0 &* side &+ j) &* lanes) })
      }
      let start = Vector.load(bias + k)
      for i in 0..<rows {
        let row = scratch + i &* side &* lanes
        let at = corner &+ i &* rowPitch &+ k
        Transform.transformOutput(
          load: { Vector.load(row + $0 &* lanes) },
          store: { j, sum in
            guard j < columns else { return }
            var value = sum + start
            if let residual { value += Vector.load(residual + (at &+ j &* K)) }
            if rectifies { value = value.rectified() }
            value.store(operands.output + (at &+ j &* K))
          })
      }
      k &+= lanes
    }
  }
}

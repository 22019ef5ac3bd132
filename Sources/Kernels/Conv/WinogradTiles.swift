/// Which of Winograd's algorithms.
enum WinogradVariant: Sendable {
  /// `F(2x2, 3x3)`.
  case f2
  /// `F(4x4, 3x3)`.
  case f4

  private var transform: any WinogradTransform.Type {
    switch self {
    case .f2: WinogradF2.self
    case .f4: WinogradF4.self
    }
  }

  /// Outputs of a tile in one dimension.
  var outputs: Int { transform.outputs }
  /// Inputs of a tile in one dimension.
  var inputs: Int { outputs + 2 }
  /// Products of a tile, and matrices that the products make.
  var positions: Int { inputs * inputs }
  /// `G`: `inputs` rows of 3.
  var filterMatrix: [[Double]] { transform.filterMatrix }
}

/// The output of a 3x3 convolution cut into square tiles, and the way into and out of them.
///
/// Tiles are counted along rows, then down, then over the images. What they become lies in
/// `(m + 2)²` matrices, one a product position, of one row a tile.
struct WinogradTiles: Sendable {
  let variant: WinogradVariant
  let shape: ConvShape
  let epilogue: Epilogue
  private let rectifies: Bool
  /// Tiles in a row of one image.
  let across: Int
  /// Rows of tiles in one image.
  let down: Int

  init(_ variant: WinogradVariant, shape: ConvShape, epilogue: Epilogue) {
    self.variant = variant
    self.shape = shape
    (self.epilogue, rectifies) = (epilogue, epilogue.appliesReLU)
    across = (shape.Q + variant.outputs - 1) / variant.outputs
    down = (shape.P + variant.outputs - 1) / variant.outputs
  }

  /// Tiles of the whole batch.
  var count: Int { shape.N * across * down }

  /// Floats of scratch for one thread: a tile of vectors.
  var scratchCount: Int { variant.positions * VectorUnit.lanes }

  /// A few consecutive tiles and the matrices that they become.
  struct Block {
    /// Which tiles of the batch.
    var tiles: Range<Int>
    /// The first tile's row of the first matrix.
    var matrices: UnsafeMutablePointer<Float>
    /// Distance between matrices, in floats.
    var pitch: Int
    /// Floats across a panel of a matrix, and of a row in it; a whole row where there is one panel.
    var panel: Int
    /// Distance between panels, in floats.
    var panelPitch = 0
    /// `scratchCount` floats.
    var scratch: UnsafeMutablePointer<Float>

    /// Where the first matrix has a channel of a tile.
    @inline(__always)
    func place(_ tile: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
      let number = channel / panel
      let row = tile &- tiles.lowerBound
      let offset: Int = number &* panelPitch &+ row &* panel
      return matrices + (offset &+ channel &- number &* panel)
    }
  }

  /// Writes `Bᵀ d B` of each tile, all channels, in the block's panels.
  ///
  /// - Parameters:
  ///   - block: Which tiles, and where to.
  ///   - input: `N H W C`.
  ///   - zeros: `C` zeros, for pixels outside the image.
  func transformInputs(
    _ block: Block, from input: UnsafePointer<Float>, zeros: UnsafePointer<Float>
  ) {
    switch variant {
    case .f2: transformInputs2(block, input, zeros)
    case .f4: transformInputs4(block, input, zeros)
    }
  }

  /// Writes `Aᵀ m A` of each tile with bias and epilogue to the output, all filters; a row of a
  /// matrix has `K` floats.
  ///
  /// - Parameters:
  ///   - block: Which tiles, and where from.
  ///   - bias: `K` floats.
  ///   - operands: Output and residual.
  func transformOutputs(
    _ block: Block, bias: UnsafePointer<Float>, to operands: ConvOperands
  ) {
    switch variant {
    case .f2: transformOutputs2(block, bias, operands)
    case .f4: transformOutputs4(block, bias, operands)
    }
    if let function = epilogue.function { apply(function, to: block, of: operands) }
  }

  // One function a variant, so that each is compiled for its own constants.

  @inline(never)
  private func transformInputs2(
    _ block: Block, _ input: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>
  ) {
    for tile in block.tiles { transformInput(WinogradF2.self, tile, block, input, zeros) }
  }

  @inline(never)
  private func transformInputs4(
    _ block: Block, _ input: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>
  ) {
    for tile in block.tiles { transformInput(WinogradF4.self, tile, block, input, zeros) }
  }

  @inline(never)
  private func transformOutputs2(
    _ block: Block, _ bias: UnsafePointer<Float>, _ operands: ConvOperands
  ) {
    for tile in block.tiles { transformOutput(WinogradF2.self, tile, block, bias, operands) }
  }

  @inline(never)
  private func transformOutputs4(
    _ block: Block, _ bias: UnsafePointer<Float>, _ operands: ConvOperands
  ) {
    for tile in block.tiles { transformOutput(WinogradF4.self, tile, block, bias, operands) }
  }

  /// Image, first output row and first output column of a tile.
  @inline(__always)
  func place(_ tile: Int, outputs: Int) -> (image: Int, p: Int, q: Int) {
    let line = tile / across
    let image = line / down
    return (image, (line &- image &* down) &* outputs, (tile &- line &* across) &* outputs)
  }

  @inline(__always)
  private func transformInput<Transform: WinogradTransform>(
    _: Transform.Type, _ tile: Int, _ block: Block, _ input: UnsafePointer<Float>,
    _ zeros: UnsafePointer<Float>
  ) {
    let (image, p, q) = place(tile, outputs: Transform.outputs)
    let (side, lanes, C) = (Transform.inputs, VectorUnit.lanes, shape.C)
    let (pitch, scratch) = (block.pitch, block.scratch)
    var pixels = InlineArray<36, UnsafePointer<Float>>(repeating: zeros)
    for i in 0..<side {
      let h = p &+ i &- shape.padding
      guard h >= 0, h < shape.H else { continue }
      let row = (image &* shape.H &+ h) &* shape.W
      for j in 0..<side {
        let w = q &+ j &- shape.padding
        if w >= 0, w < shape.W { pixels[i &* side &+ j] = input + (row &+ w) &* C }
      }
    }
    var c = 0
    while c < C {
      for j in 0..<side {
        Transform.transformInput(
          load: { Vector.load(pixels[$0 &* side &+ j] + c) },
          store: { $1.store(scratch + ($0 &* side &+ j) &* lanes) })
      }
      let target = block.place(tile, c)
      for i in 0..<side {
        let row = scratch + i &* side &* lanes
        let first = target + i &* side &* pitch
        Transform.transformInput(
          load: { Vector.load(row + $0 &* lanes) }, store: { $1.store(first + $0 &* pitch) })
      }
      c &+= lanes
    }
  }

  @inline(__always)
  private func transformOutput<Transform: WinogradTransform>(
    _: Transform.Type, _ tile: Int, _ block: Block, _ bias: UnsafePointer<Float>,
    _ operands: ConvOperands
  ) {
    let (image, p, q) = place(tile, outputs: Transform.outputs)
    let (side, lanes) = (Transform.inputs, VectorUnit.lanes)
    let (K, pixel) = (shape.K, operands.pitch ?? shape.K)
    let (pitch, scratch) = (block.pitch, block.scratch)
    let source = block.matrices + (tile &- block.tiles.lowerBound) &* K
    let (rows, columns) = (min(Transform.outputs, shape.P &- p), shape.Q &- q)
    let corner = ((image &* shape.P &+ p) &* shape.Q &+ q) &* pixel
    let residual = epilogue.addsResidual ? operands.residual : nil
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
        let at = corner &+ i &* shape.Q &* pixel &+ k
        Transform.transformOutput(
          load: { Vector.load(row + $0 &* lanes) },
          store: { j, sum in
            guard j < columns else { return }
            var value = sum + start
            if let residual { value += Vector.load(residual + (at &+ j &* pixel)) }
            if rectifies { value = value.rectified() }
            value.store(operands.output + (at &+ j &* pixel))
          })
      }
      k &+= lanes
    }
  }
}

/// The way of the output's gradient into Winograd's products, and out of them to the filters'.
extension WinogradTiles {
  /// Writes `A g Aᵀ` of each tile of the output's gradient, all filters; what lies outside the
  /// output counts as 0.
  ///
  /// - Parameters:
  ///   - block: Which tiles, and where to; a row has the filters in panels.
  ///   - gradient: `N P Q K`.
  ///   - zeros: `K` zeros.
  func transformGradients(
    _ block: Block, from gradient: UnsafePointer<Float>, zeros: UnsafePointer<Float>
  ) {
    switch variant {
    case .f2: transformGradients2(block, gradient, zeros)
    case .f4: transformGradients4(block, gradient, zeros)
    }
  }

  /// The sums of the products of all tiles: a `K × C` matrix a position, for each thread.
  struct Sums {
    /// The first thread's matrix of the first position.
    var matrices: UnsafePointer<Float>
    /// Distance between matrices, in floats.
    var pitch: Int
    /// How many threads summed, each over tiles of its own.
    var parts: Int
    /// Distance between their matrices, in floats.
    var partPitch: Int
  }

  /// Writes `Gᵀ m G`, the gradient by the filters, for some filters.
  ///
  /// - Parameters:
  ///   - filters: Which.
  ///   - sums: Where from; the threads' sums are added up in their order.
  ///   - scratch: `scratchCount` floats.
  ///   - gradient: `K R S C`.
  func transformTaps(
    _ filters: Range<Int>, from sums: Sums, scratch: UnsafeMutablePointer<Float>,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    switch variant {
    case .f2: transformTaps2(filters, sums, scratch, gradient)
    case .f4: transformTaps4(filters, sums, scratch, gradient)
    }
  }

  @inline(never)
  private func transformGradients2(
    _ block: Block, _ gradient: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>
  ) {
    for tile in block.tiles { transformGradient(WinogradF2.self, tile, block, gradient, zeros) }
  }

  @inline(never)
  private func transformGradients4(
    _ block: Block, _ gradient: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>
  ) {
    for tile in block.tiles { transformGradient(WinogradF4.self, tile, block, gradient, zeros) }
  }

  @inline(never)
  private func transformTaps2(
    _ filters: Range<Int>, _ sums: Sums, _ scratch: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    for k in filters { transformTaps(WinogradF2.self, k, sums, scratch, gradient) }
  }

  @inline(never)
  private func transformTaps4(
    _ filters: Range<Int>, _ sums: Sums, _ scratch: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    for k in filters { transformTaps(WinogradF4.self, k, sums, scratch, gradient) }
  }

  @inline(__always)
  private func transformGradient<Transform: WinogradTransform>(
    _: Transform.Type, _ tile: Int, _ block: Block, _ gradient: UnsafePointer<Float>,
    _ zeros: UnsafePointer<Float>
  ) {
    let (image, p, q) = place(tile, outputs: Transform.outputs)
    let (outputs, side, lanes, K) = (Transform.outputs, Transform.inputs, VectorUnit.lanes, shape.K)
    let (pitch, scratch) = (block.pitch, block.scratch)
    var pixels = InlineArray<16, UnsafePointer<Float>>(repeating: zeros)
    let corner = gradient + ((image &* shape.P &+ p) &* shape.Q &+ q) &* K
    let (rows, columns) = (min(outputs, shape.P &- p), min(outputs, shape.Q &- q))
    for i in 0..<rows {
      for j in 0..<columns { pixels[i &* outputs &+ j] = corner + (i &* shape.Q &+ j) &* K }
    }
    var k = 0
    while k < K {
      for j in 0..<outputs {
        Transform.transformGradient(
          load: { Vector.load(pixels[$0 &* outputs &+ j] + k) },
          store: { $1.store(scratch + ($0 &* outputs &+ j) &* lanes) })
      }
      let target = block.place(tile, k)
      for i in 0..<side {
        let row = scratch + i &* outputs &* lanes
        let first = target + i &* side &* pitch
        Transform.transformGradient(
          load: { Vector.load(row + $0 &* lanes) }, store: { $1.store(first + $0 &* pitch) })
      }
      k &+= lanes
    }
  }

  @inline(__always)
  private func transformTaps<Transform: WinogradTransform>(
    _: Transform.Type, _ k: Int, _ sums: Sums, _ scratch: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    let (side, lanes, C) = (Transform.inputs, VectorUnit.lanes, shape.C)
    var c = 0
    while c < C {
      let source = sums.matrices + (k &* C &+ c)
      for j in 0..<side {
        Transform.transformTaps(
          load: {
            let first = source + ($0 &* side &+ j) &* sums.pitch
            var sum = Vector.load(first)
            var part = 1
            while part < sums.parts {
              sum += Vector.load(first + part &* sums.partPitch)
              part &+= 1
            }
            return sum
          },
          store: { $1.store(scratch + ($0 &* side &+ j) &* lanes) })
      }
      for r in 0..<3 {
        let row = scratch + r &* side &* lanes
        let target = gradient + ((k &* 3 &+ r) &* 3 &* C &+ c)
        Transform.transformTaps(
          load: { Vector.load(row + $0 &* lanes) }, store: { $1.store(target + $0 &* C) })
      }
      c &+= lanes
    }
  }
}

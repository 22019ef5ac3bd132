#if COSTCURVE_AVX512
  private typealias WideHalf = SIMD8<Double>
#elseif arch(arm64)
  private typealias WideHalf = SIMD2<Double>
#else
  private typealias WideHalf = SIMD4<Double>
#endif

/// Gives a and b at `offset` into the tensor, channel `c`; lanes from `count` on are to be 0.
typealias ChannelPair = (_ offset: Int, _ c: Int, _ count: Int) -> (a: Vector, b: Vector)

/// Per-channel sums over many rows: `Σ a` and `Σ a · b`, in float64.
///
/// One pass over memory. Products of two floats are exact in float64 and the sums are accurate to
/// about `rows · 2⁻⁵³`, so a variance may be taken as the difference of two such sums.
struct ChannelSums {
  /// `channels` sums of `a`, then `channels` sums of `a · b`.
  let totals: UnsafeMutablePointer<Double>
  let channels: Int

  /// Adds the rows `rows`, `pair` giving the two vectors at an offset into the tensor.
  ///
  /// Rows are taken in blocks that stay in the first-level cache, channels in strips whose sums
  /// stay in registers for a whole block.
  ///
  /// - Parameters:
  ///   - rows: Which rows.
  ///   - pair: Gives the two vectors.
  @inline(__always)
  func add(_ rows: Range<Int>, _ pair: ChannelPair) {
    let (channels, lanes) = (channels, VectorUnit.lanes)
    let blockRows = max(8, 4096 / channels)
    var block = rows.lowerBound
    while block < rows.upperBound {
      let end = min(block + blockRows, rows.upperBound)
      var c = 0
      while c + 2 * lanes <= channels {
        addStrip(block, end, c, vectors: 2, count: lanes, pair)
        c += 2 * lanes
      }
      while c + lanes <= channels {
        addStrip(block, end, c, vectors: 1, count: lanes, pair)
        c += lanes
      }
      if c < channels { addStrip(block, end, c, vectors: 1, count: channels - c, pair) }
      block = end
    }
  }

  /// One block of rows, one or two vectors of channels.
  @inline(__always)
  private func addStrip(
    _ from: Int, _ to: Int, _ c: Int, vectors: Int, count: Int,
    _ pair: ChannelPair
  ) {
    let lanes = VectorUnit.lanes
    var (low0, high0, low1, high1) = (
      WideHalf.zero, WideHalf.zero, WideHalf.zero, WideHalf.zero
    )
    var (lowProduct0, highProduct0) = (WideHalf.zero, WideHalf.zero)
    var (lowProduct1, highProduct1) = (WideHalf.zero, WideHalf.zero)
    var offset = from &* channels &+ c
    for _ in from..<to {
      let (a, b) = pair(offset, c, count)
      let (aLow, aHigh) = (WideHalf(a.lowHalf), WideHalf(a.highHalf))
      low0 += aLow
      high0 += aHigh
      lowProduct0.addProduct(aLow, WideHalf(b.lowHalf))
      highProduct0.addProduct(aHigh, WideHalf(b.highHalf))
      if vectors == 2 {
        let (a, b) = pair(offset &+ lanes, c &+ lanes, count)
        let (aLow, aHigh) = (WideHalf(a.lowHalf), WideHalf(a.highHalf))
        low1 += aLow
        high1 += aHigh
        lowProduct1.addProduct(aLow, WideHalf(b.lowHalf))
        highProduct1.addProduct(aHigh, WideHalf(b.highHalf))
      }
      offset &+= channels
    }
    let products = totals + channels
    Self.add(low0, high0, to: totals + c, count)
    Self.add(lowProduct0, highProduct0, to: products + c, count)
    if vectors == 2 {
      Self.add(low1, high1, to: totals + c + lanes, count)
      Self.add(lowProduct1, highProduct1, to: products + c + lanes, count)
    }
  }

  /// Adds the first `count` lanes of two halves to memory.
  @inline(__always)
  private static func add(
    _ low: WideHalf, _ high: WideHalf, to target: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    let half = VectorUnit.lanes / 2
    if count == VectorUnit.lanes {
      let raw = UnsafeMutableRawPointer(target)
      let step = MemoryLayout<WideHalf>.size
      raw.storeBytes(of: raw.loadUnaligned(as: WideHalf.self) + low, as: WideHalf.self)
      (raw + step).storeBytes(
        of: (raw + step).loadUnaligned(as: WideHalf.self) + high, as: WideHalf.self)
    } else {
      for i in 0..<count { target[i] += i < half ? low[i] : high[i - half] }
    }
  }
}

extension Vector {
  /// Reads `count` floats into the first lanes, the others 0; a plain load where `count` is all.
  @inline(__always)
  static func load(_ p: UnsafePointer<Float>, first count: Int) -> Vector {
    if count == VectorUnit.lanes { return load(p) }
    var vector = Vector.zero
    for i in 0..<count { vector[i] = p[i] }
    return vector
  }

  /// Writes the first `count` lanes; a plain store where `count` is all.
  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    if count == VectorUnit.lanes { return store(p) }
    for i in 0..<count { p[i] = self[i] }
  }
}

import CShims

/// The two vectors that `ChannelSums` adds and multiplies at one place of a tensor.
///
/// A type rather than a closure: the optimizer specialises a generic for each type and inlines
/// this into its loop, but leaves closures that several loops share as calls, eight floats each.
protocol ChannelTerms {
  /// The vectors at `offset` into the tensor, channel `c`; lanes left out are 0.
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector)
  /// Asks for the cache lines at `offset`, which is to be needed soon.
  func prefetch(_ offset: Int)
}

/// Per-channel sums over many rows: `Σ a` and `Σ a · b`, in float64.
///
/// One pass over memory. Products of two floats are exact in float64 and the sums are accurate to
/// about `rows · 2⁻⁵³`, so a variance may be taken as the difference of two such sums.
struct ChannelSums {
  /// `channels` sums of `a`, then `channels` sums of `a · b`.
  let totals: UnsafeMutablePointer<Double>
  let channels: Int

  /// Rows whose sums are added in registers before they are added to memory.
  private static let blockRows = 8

  /// Adds the rows `rows` of what `source` gives.
  ///
  /// Within a block of rows the sums of some channels stay in registers. That walks memory across
  /// the rows, which the CPU does not foresee for long rows; so each block asks for the next one.
  ///
  /// - Parameters:
  ///   - rows: Which rows.
  ///   - source: Gives the two vectors.
  @inline(__always)
  func add(_ rows: Range<Int>, of source: some ChannelTerms) {
    let (channels, lanes) = (channels, Vector.scalarCount)
    var block = rows.lowerBound
    while block < rows.upperBound {
      let end = min(block + Self.blockRows, rows.upperBound)
      var c = 0
      while c &+ 2 &* lanes <= channels {
        addPair(block, end, c, of: source)
        c &+= 2 &* lanes
      }
      while c &+ lanes <= channels {
        var sums = VectorSums()
        var offset = block &* channels &+ c
        for _ in block..<end {
          sums.add(source.terms(offset, c, AllLanes()))
          offset &+= channels
        }
        sums.flush(to: totals + c, totals + channels + c)
        c &+= lanes
      }
      if c < channels { addTail(block, end, c, of: source) }
      block = end
    }
  }

  /// Two vectors of channels side by side, to keep more additions under way.
  @inline(__always)
  private func addPair(_ from: Int, _ to: Int, _ c: Int, of source: some ChannelTerms) {
    let lanes = Vector.scalarCount
    var (left, right) = (VectorSums(), VectorSums())
    var offset = from &* channels &+ c
    let ahead = channels &* Self.blockRows
    for _ in from..<to {
      source.prefetch(offset &+ ahead)
      left.add(source.terms(offset, c, AllLanes()))
      right.add(source.terms(offset &+ lanes, c &+ lanes, AllLanes()))
      offset &+= channels
    }
    left.flush(to: totals + c, totals + channels + c)
    right.flush(to: totals + c + lanes, totals + channels + c + lanes)
  }

  /// The last channels, fewer than a vector.
  @inline(never)
  private func addTail(_ from: Int, _ to: Int, _ c: Int, of source: some ChannelTerms) {
    var sums = VectorSums()
    for row in from..<to {
      sums.add(source.terms(row * channels + c, c, FirstLanes(count: channels - c)))
    }
    sums.flush(to: totals + c, totals + channels + c, first: channels - c)
  }
}

/// The sums of one vector of channels, in registers.
private struct VectorSums {
  private var (low, high) = (WideHalf.zero, WideHalf.zero)
  private var (lowProduct, highProduct) = (WideHalf.zero, WideHalf.zero)

  @inline(__always)
  mutating func add(_ terms: (a: Vector, b: Vector)) {
    let (aLow, aHigh) = (WideHalf(terms.a.lowHalf), WideHalf(terms.a.highHalf))
    low += aLow
    high += aHigh
    lowProduct.addProduct(aLow, WideHalf(terms.b.lowHalf))
    highProduct.addProduct(aHigh, WideHalf(terms.b.highHalf))
  }

  /// Adds a whole vector's sums to memory.
  @inline(__always)
  func flush(to sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>) {
    let half = WideHalf.scalarCount
    Self.add(low, to: sums)
    Self.add(high, to: sums + half)
    Self.add(lowProduct, to: products)
    Self.add(highProduct, to: products + half)
  }

  /// Adds the first `count` sums to memory.
  func flush(
    to sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    first count: Int
  ) {
    let half = WideHalf.scalarCount
    for i in 0..<count {
      sums[i] += i < half ? low[i] : high[i - half]
      products[i] += i < half ? lowProduct[i] : highProduct[i - half]
    }
  }

  @inline(__always)
  private static func add(_ wide: WideHalf, to target: UnsafeMutablePointer<Double>) {
    let raw = UnsafeMutableRawPointer(target)
    raw.storeBytes(of: raw.loadUnaligned(as: WideHalf.self) + wide, as: WideHalf.self)
  }
}

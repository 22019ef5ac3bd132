/// Pairs of floats turned by angles that follow from a row's position: rotary embeddings.
///
/// `(a, b)` becomes `(a · cos − b · sin, a · sin + b · cos)`. Error: one rounding a product and sum.
public struct RotaryTurn: Sendable {
  /// Items, heads of each, and rows of each head.
  public var (items, heads, rows): (Int, Int, Int)
  /// How the rows of input and output lie.
  public var places: Attention.Rows
  /// Floats of a row, and how many of them are turned, from the first on; an even number.
  public var (width, turned): (Int, Int)
  /// Whether a pair's floats are neighbours; otherwise they lie half of `turned` apart.
  public var isInterleaved: Bool

  /// Names all of it.
  public init(
    items: Int, heads: Int, rows: Int, places: Attention.Rows, width: Int, turned: Int,
    isInterleaved: Bool
  ) {
    precondition(turned % 2 == 0 && turned <= width, "\(turned) floats of \(width)")
    (self.items, self.heads, self.rows) = (items, heads, rows)
    (self.places, self.width, self.turned) = (places, width, turned)
    self.isInterleaved = isInterleaved
  }

  /// Cosines and sines, a row of half of `turned` for each position.
  public struct Angles {
    /// The cosines.
    public var cosines: UnsafePointer<Float>
    /// The sines, likewise.
    public var sines: UnsafePointer<Float>
    /// The position of each row of each item; nil where angles lie row by row, item by item.
    ///
    /// One that is not below `count`, or below 0, is taken for the nearest.
    public var positions: UnsafePointer<Int64>?
    /// Positions that there are.
    public var count: Int

    /// Names all of it.
    public init(
      cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>,
      positions: UnsafePointer<Int64>? = nil, count: Int
    ) {
      (self.cosines, self.sines, self.positions) = (cosines, sines, positions)
      self.count = count
    }
  }

  /// Turns all pairs.
  ///
  /// - Parameters:
  ///   - input: May be `output`.
  ///   - output: Overwritten.
  ///   - angles: By which they are turned.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, _ angles: Angles,
    pool: ThreadPool
  ) {
    let half = turned / 2
    let (step, apart) = isInterleaved ? (2, 1) : (1, half)
    pool.forEachShare(of: items * rows, grain: max(1, 4096 / (heads * width))) { share in
      for index in share {
        var position = index
        if let positions = angles.positions {
          position = Int(min(max(positions[index], 0), Int64(angles.count - 1)))
        }
        let cosines = angles.cosines + position * half
        let sines = angles.sines + position * half
        for head in 0..<heads {
          let start = places.start(index / rows, head) + index % rows * places.row
          let (x, y) = (input + start, output + start)
          for j in 0..<half {
            let (a, b) = (x[j * step], x[j * step + apart])
            y[j * step] = a * cosines[j] - b * sines[j]
            y[j * step + apart] = a * sines[j] + b * cosines[j]
          }
          for j in turned..<width { y[j] = x[j] }
        }
      }
    }
  }
}

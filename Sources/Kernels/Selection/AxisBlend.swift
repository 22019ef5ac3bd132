/// Weighted sums along one axis of a tensor, in the pool's threads: how images are resized smoothly.
///
/// Error: float32 sums in the order of the taps, so about `taps · 2⁻²⁴` relative to the sum of the
/// terms' magnitudes. A NaN or an infinity of the input shows wherever its weight is not left out.
public struct AxisBlend: Sendable {
  /// What an element of the output takes of one index of the axis.
  public struct Tap: Hashable, Sendable {
    /// Index along the axis of the input.
    public var index: Int
    /// What its element is multiplied by.
    public var weight: Float

    /// Joins both.
    public init(index: Int, weight: Float) { (self.index, self.weight) = (index, weight) }
  }

  private let outer: Int
  private let length: Int
  private let inner: Int
  /// The taps of all indices of the output one behind the other, and where those of each begin.
  private let taps: [Tap]
  private let starts: [Int]
  private let filling: Float

  /// Fixes the sums.
  ///
  /// - Parameters:
  ///   - outer: Product of the lengths outside the axis.
  ///   - length: Of the axis in the input.
  ///   - inner: Product of the lengths inside it.
  ///   - taps: For each index of the output, what it takes; none for the filling.
  ///   - filling: What an index without taps becomes.
  public init(outer: Int, length: Int, inner: Int, taps: [[Tap]], filling: Float = 0) {
    precondition(taps.joined().allSatisfy { (0..<length).contains($0.index) }, "beyond \(length)")
    (self.outer, self.length, self.inner, self.filling) = (outer, length, inner, filling)
    self.taps = Array(taps.joined())
    starts = taps.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
  }

  /// Writes the output.
  ///
  /// - Parameters:
  ///   - input: `outer × length × inner` floats.
  ///   - output: `outer × taps.count × inner`; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let count = starts.count - 1
    pool.forEachShare(of: outer * count, grain: max(1, 1024 / inner)) { rows in
      for row in rows {
        let (block, place) = (row / count, row % count)
        let (source, target) = (input + block * length * inner, output + row * inner)
        guard starts[place] < starts[place + 1] else {
          target.update(repeating: filling, count: inner)
          continue
        }
        for index in starts[place]..<starts[place + 1] {
          let (values, weight) = (source + taps[index].index * inner, taps[index].weight)
          if index == starts[place] {
            for i in 0..<inner { target[i] = values[i] * weight }
          } else {
            for i in 0..<inner { target[i] += values[i] * weight }
          }
        }
      }
    }
  }
}

import Glibc

/// Elements that differ in some axes only, divided by a measure of all of them.
///
/// Sums are float64, by plain loops.
public struct SpreadNormalization: Sendable {
  /// What the elements are divided by.
  public enum Measure: Hashable, Sendable {
    /// The sum of magnitudes.
    case l1
    /// The root of the sum of squares.
    case l2
    /// The standard deviation and 1e-9, after the mean was taken out.
    case deviation
  }

  /// What the elements are divided by.
  public let measure: Measure
  private let split: AxisSplit

  /// Fixes the axes.
  ///
  /// - Parameters:
  ///   - measure: What the elements are divided by.
  ///   - lengths: Of the tensor, outermost first.
  ///   - axes: Those in which elements that belong together differ.
  public init(_ measure: Measure, lengths: [Int], axes: [Int]) {
    self.measure = measure
    split = AxisSplit(lengths, axes: axes)
  }

  /// Divides.
  ///
  /// - Parameters:
  ///   - input: May be `output`.
  ///   - output: Overwritten; 0 where the measure is.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (kept, reduced, depth) = (split.allKept, split.allReduced, split.depth)
    pool.forEachShare(of: split.count, grain: max(1, 1024 / depth)) { items in
      for item in items {
        let first = AxisSplit.offset(item, kept)
        var (sum, squares, magnitudes) = (0.0, 0.0, 0.0)
        for step in 0..<depth {
          let x = Double(input[first + AxisSplit.offset(step, reduced)])
          sum += x
          squares += x * x
          magnitudes += abs(x)
        }
        var (mean, divisor) = (0.0, magnitudes)
        switch measure {
        case .l1: break
        case .l2: divisor = squares.squareRoot()
        case .deviation:
          mean = sum / Double(depth)
          divisor = max(squares / Double(depth) - mean * mean, 0).squareRoot() + 1e-9
        }
        for step in 0..<depth {
          let place = first + AxisSplit.offset(step, reduced)
          output[place] = divisor == 0 ? 0 : Float((Double(input[place]) - mean) / divisor)
        }
      }
    }
  }
}

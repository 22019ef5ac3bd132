import Glibc

/// One number from all elements of a tensor that differ in some axes only, in the pool's threads.
///
/// Lanes run along the innermost axis, whether it is summed over or not. Error: float32 sums of
/// lanes; logarithms of sums of exponentials are float64.
public struct AxisReduction: Sendable {
  /// What is made of the elements.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// Their sum, mean, largest, smallest, and product.
    case sum, mean, max, min, product
    /// The sum of magnitudes, and the root of the sum of squares.
    case l1, l2
    /// The logarithm of the sum, and that of the sum of exponentials.
    case logSum, logSumExp
    /// The sum of squares.
    case sumSquare
  }

  /// What is made of the elements.
  public let kind: Kind
  private let split: AxisSplit

  /// Fixes the axes.
  ///
  /// - Parameters:
  ///   - kind: What is made of the elements.
  ///   - lengths: Of the input, outermost first.
  ///   - axes: Those that go; none makes each element one of the output.
  public init(_ kind: Kind, lengths: [Int], axes: [Int]) {
    self.kind = kind
    split = AxisSplit(lengths, axes: axes)
  }

  /// Elements of the output.
  public var count: Int { split.count }
  /// Elements that each of them is made of.
  public var depth: Int { split.depth }

  /// Computes the output.
  ///
  /// - Parameters:
  ///   - input: `count · depth` floats.
  ///   - output: `count` floats, in the order of the axes that stay; overwritten, apart from the
  ///     input.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    switch kind {
    case .sum, .mean, .logSum: fold(SumFold.self, input, output, pool)
    case .max: fold(MaxFold.self, input, output, pool)
    case .min: fold(MinFold.self, input, output, pool)
    case .product: fold(ProductFold.self, input, output, pool)
    case .l1: fold(MagnitudeFold.self, input, output, pool)
    case .l2, .sumSquare: fold(SquareFold.self, input, output, pool)
    case .logSumExp: logarithmsOfSums(input, output, pool)
    }
  }

  private func fold<Fold: LaneFold>(
    _: Fold.Type, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let (run, kept, reduced) = (split.run, split.kept, split.reduced)
    let steps = reduced.reduce(1) { $0 * $1.length }
    if split.runIsReduced {
      pool.forEachShare(of: count, grain: Swift.max(1, 4096 / depth)) { items in
        for item in items {
          let start = input + AxisSplit.offset(item, kept)
          var result = Fold.start
          for step in 0..<steps {
            result = Fold.row(run, start + AxisSplit.offset(step, reduced), from: result)
          }
          output[item] = finished(result)
        }
      }
      return
    }
    // Rows of the output are cut so that one of them stays in the first cache.
    let width = Swift.min(run, 1024)
    let blocks = (run + width - 1) / width
    pool.forEachShare(of: count / run * blocks, grain: Swift.max(1, 4096 / (width * depth))) {
      for item in $0 {
        let first = item % blocks * width
        let size = Swift.min(width, run - first)
        let start = input + AxisSplit.offset(item / blocks, kept) + first
        let target = output + item / blocks * run + first
        target.update(repeating: Fold.start, count: size)
        for step in 0..<steps {
          Fold.merge(size, start + AxisSplit.offset(step, reduced), into: target)
        }
        for j in 0..<size { target[j] = finished(target[j]) }
      }
    }
  }

  @inline(__always)
  private func finished(_ result: Float) -> Float {
    switch kind {
    case .mean: result / Float(depth)
    case .l2: result.squareRoot()
    case .logSum: Float(log(Double(result)))
    default: result
    }
  }

  private func logarithmsOfSums(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let (kept, reduced) = (split.allKept, split.allReduced)
    pool.forEachShare(of: count, grain: Swift.max(1, 256 / depth)) { items in
      for item in items {
        let start = input + AxisSplit.offset(item, kept)
        var top = -Float.infinity
        for step in 0..<depth {
          top = Swift.max(top, start[AxisSplit.offset(step, reduced)])
        }
        guard top.isFinite else {
          output[item] = top
          continue
        }
        var sum = 0.0
        for step in 0..<depth {
          sum += exp(Double(start[AxisSplit.offset(step, reduced)] - top))
        }
        output[item] = Float(log(sum)) + top
      }
    }
  }
}

import Glibc

/// Each element divided by a power of the squares around it along the channels: local response
/// normalisation.
///
/// `y = x / (bias + α / size · Σ x²)^β` over `size` channels, as many before as behind, or one more
/// behind; those outside count as 0. Error: float32 sums of squares.
public struct ChannelResponse: Sendable {
  /// Channels of a window, at least 1.
  public var size: Int
  /// Factor of the mean of squares.
  public var alpha: Float
  /// The power.
  public var beta: Float
  /// Added to the mean.
  public var bias: Float

  /// Names all of it.
  public init(size: Int, alpha: Float, beta: Float, bias: Float) {
    precondition(size > 0, "a window of \(size) channels")
    (self.size, self.alpha, self.beta, self.bias) = (size, alpha, beta, bias)
  }

  /// Divides.
  ///
  /// - Parameters:
  ///   - lines: The channels of each pixel.
  ///   - input: Apart from the output.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public func run(
    _ lines: AxisLines, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let (before, behind) = ((size - 1) / 2, size / 2)
    let factor = alpha / Float(size)
    let inner = lines.inner
    pool.forEachShare(of: lines.count, grain: lines.grain) { items in
      for line in items {
        let start = lines.start(line)
        let (source, target) = (input + start, output + start)
        for c in 0..<lines.length {
          var sum: Float = 0
          for near in max(0, c - before)...min(lines.length - 1, c + behind) {
            sum += source[near * inner] * source[near * inner]
          }
          target[c * inner] = bias + factor * sum
        }
        if beta == 0.75 {
          // x^0.75 is the product of two roots.
          for c in 0..<lines.length {
            let root = target[c * inner].squareRoot()
            target[c * inner] = source[c * inner] / (root * root.squareRoot())
          }
        } else {
          for c in 0..<lines.length {
            target[c * inner] = source[c * inner] * powf(target[c * inner], -beta)
          }
        }
      }
    }
  }
}

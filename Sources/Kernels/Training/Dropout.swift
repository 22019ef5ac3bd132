/// Inverted dropout with a mask that is computed, not stored.
///
/// Whether an element is kept depends on the seed, the step and the element's index alone
/// (a counter through SplitMix64's finaliser: Steele, Lea and Flood, "Fast Splittable Pseudorandom
/// Number Generators", 2014). So any number of threads gives the same mask, and backward draws it
/// again instead of reading it.
public struct Dropout: Hashable, Sendable {
  /// Probability that an element is set to 0; at least 0, below 1.
  public var probability: Double
  /// The run's seed.
  public var seed: UInt64

  /// Names the probability and the seed of one dropout layer; two layers need two seeds.
  public init(probability: Double, seed: UInt64) {
    precondition(
      probability >= 0 && probability < 1, "dropout probability \(probability) not in 0 ..< 1")
    (self.probability, self.seed) = (probability, seed)
  }

  /// What kept elements are multiplied by, so that the expected value stays: `1 / (1 - p)`.
  public var scale: Float { Float(1 / (1 - probability)) }

  /// Whether the element `index` is kept at training step `step`.
  @inlinable
  public func keeps(_ index: Int, step: Int) -> Bool {
    var z = Self.mixed(seed ^ Self.mixed(UInt64(truncatingIfNeeded: step)))
    z = Self.mixed(z &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
    // The upper 53 bits as a number in 0 ..< 1.
    return Double(z >> 11) * 0x1p-53 >= probability
  }

  /// `output[i] = keeps(first + i) ? input[i] / (1 - p) : 0`.
  ///
  /// Forward on activations and backward on gradients are the same operation.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - step: The training step; forward and backward of one step take the same.
  ///   - first: Index of the first element, where others of the same step lie elsewhere.
  ///   - pool: Runs the work.
  public func apply(
    count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, step: Int,
    first: Int = 0, pool: ThreadPool
  ) {
    let scale = scale
    pool.forEachShare(of: count, grain: 1024) { items in
      for i in items { output[i] = keeps(first + i, step: step) ? input[i] * scale : 0 }
    }
  }

  @usableFromInline
  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

import CShims

/// A kernel that does nothing but multiply pairs of bfloat16 between registers and add the products up
/// in float32: the ceiling of bfloat16.
///
/// It uses the way that the tile has, and as many independent chains as `PeakProbe`. Without the
/// instruction that is two multiply-adds of float32 a pair, which were widened before.
public struct BFloat16PeakProbe: Sendable {
  /// Chains in flight.
  static var chains: Int { PeakProbe.chains }

  /// Dot products of each chain in one call, on each thread.
  public let steps: Int

  /// Makes a probe.
  ///
  /// - Parameter steps: Length of each chain, 1 to 100 000; 10 000 are tens of microseconds.
  public init(steps: Int) {
    precondition((1...100_000).contains(steps), "a probe of \(steps) steps")
    self.steps = steps
  }

  /// Operations of one call on `threads` threads; a lane multiplies and adds twice a step.
  public func flops(threads: Int) -> FLOPs {
    MACs(steps * Self.chains * WordTileLimits.lanes * 2 * threads).flops
  }

  /// Runs the chains on every thread of the pool.
  ///
  /// - Parameters:
  ///   - pool: Every thread of it runs all chains.
  ///   - sums: One float a thread is written, so that nothing can be left out.
  public func run(pool: ThreadPool, sums: UnsafeMutablePointer<Float>) {
    pool.run { [steps] worker in sums[worker] = bfloat16PeakAccumulate(steps) }
  }

  /// What every thread leaves in `sums`: every sum on the way is a whole multiple of 2⁻¹¹ and has
  /// at most 24 bits, so that it is exact in any order.
  public var expectedSum: Float {
    let chains = (0..<Self.chains).reduce(0.0) { $0 + Double($1) + Double(steps) * 0x1p-11 }
    return Float(Double(WordTileLimits.lanes) * chains)
  }
}

/// Twice 2⁻⁶, as a pair.
private let constantPair: Int32 = 0x3C80_3C80

@inline(never)
private func bfloat16PeakAccumulate(_ steps: Int) -> Float {
  var pair = constantPair
  // What is known while compiling could be multiplied then.
  withUnsafeBytes(of: &pair) { costcurve_keep($0.baseAddress) }
  let words = IntVector(repeating: pair)
  var sums = ProbeChains<FloatVector> { FloatVector(repeating: Float($0)) }
  for _ in 0..<steps {
    for i in sums.indices { sums[i] = BFloat16Dot.add(sums[i], words, words) }
  }
  return total(sums)
}

@inline(__always)
private func total(_ chains: ProbeChains<FloatVector>) -> Float {
  var sum = FloatVector.zero
  for i in chains.indices { sum += chains[i] }
  return sum.sum()
}

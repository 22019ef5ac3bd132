/// A kernel that does nothing but fused multiply-adds between registers, `sum = sum + x · y` as
/// products do: the ceiling of compute.
///
/// Enough independent chains are kept in flight to hide the latency of the unit, nothing is read
/// from memory, and the sums stay finite and normal however long it runs. No kernel of this
/// module can be faster at the same clock; what a case reaches is shown as a share of this.
public struct PeakProbe: Sendable {
  /// Chains in flight: what is left of the registers after the two operands.
  @usableFromInline static var chains: Int { VectorUnit.registers == 32 ? 24 : 12 }

  /// Multiply-adds of each chain in one call, on each thread.
  public let steps: Int

  /// Makes a probe.
  ///
  /// - Parameter steps: Length of each chain, at least 1; 10 000 are tens of microseconds.
  public init(steps: Int) {
    precondition(steps > 0, "a probe of \(steps) steps")
    self.steps = steps
  }

  /// Operations of one call on `threads` threads.
  public func flops(threads: Int) -> FLOPs {
    MACs(steps * Self.chains * VectorUnit.lanes * threads).flops
  }

  /// Runs the chains on every thread of the pool.
  ///
  /// - Parameters:
  ///   - pool: Every thread of it runs all chains.
  ///   - sums: One float a thread is written, so that nothing can be left out.
  public func run(pool: ThreadPool, sums: UnsafeMutablePointer<Float>) {
    pool.run { [steps] worker in sums[worker] = peakAccumulate(steps) }
  }
}

#if COSTCURVE_AVX512 || arch(arm64)
  /// The chains of a probe.
  typealias ProbeChains<Sums> = InlineArray<24, Sums>
#else
  /// The chains of a probe.
  typealias ProbeChains<Sums> = InlineArray<12, Sums>
#endif

@inline(never)
private func peakAccumulate(_ steps: Int) -> Float {
  var sums = ProbeChains<Vector> { Vector(repeating: Float($0)) }
  let x = Vector(repeating: 0x1p-12)
  let y = Vector(repeating: 0x1p-12)
  for _ in 0..<steps {
    for i in sums.indices { sums[i].addProduct(x, y) }
  }
  return total(sums)
}

@inline(__always)
private func total(_ chains: ProbeChains<Vector>) -> Float {
  var sum = Vector.zero
  for i in chains.indices { sum += chains[i] }
  return sum.sum()
}

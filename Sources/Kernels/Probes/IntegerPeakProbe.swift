import CShims

/// A kernel that does nothing but multiply bytes between registers and add the products up in 32
/// bits: the ceiling of int8.
///
/// It uses the fastest way that the instruction set has, and as many independent chains as
/// `PeakProbe`. Where that way saturates, kernels that must not are a share of a ceiling that they
/// cannot reach.
public struct IntegerPeakProbe: Sendable {
  /// Chains in flight.
  static var chains: Int { PeakProbe.chains }

  /// Dot products of each chain in one call, on each thread.
  public let steps: Int

  /// Makes a probe.
  ///
  /// - Parameter steps: Length of each chain, at least 1; 10 000 are tens of microseconds.
  public init(steps: Int) {
    precondition(steps > 0, "a probe of \(steps) steps")
    self.steps = steps
  }

  /// Operations of one call on `threads` threads; a lane multiplies and adds four times a step.
  public func operations(threads: Int) -> IntegerOperations {
    MACs(steps * Self.chains * WordTileLimits.lanes * 4 * threads).integerOperations
  }

  /// Runs the chains on every thread of the pool.
  ///
  /// - Parameters:
  ///   - pool: Every thread of it runs all chains.
  ///   - sums: One number a thread is written, so that nothing can be left out.
  public func run(pool: ThreadPool, sums: UnsafeMutablePointer<Int32>) {
    pool.run { [steps] worker in sums[worker] = integerPeakAccumulate(steps) }
  }

  /// What every thread leaves in `sums`, computed one product at a time.
  public var expectedSum: Int32 {
    var total: Int32 = 0
    for chain in 0..<Self.chains {
      var sum = Int32(chain)
      for _ in 0..<steps { sum = Self.step(sum) }
      for _ in 0..<WordTileLimits.lanes { total &+= sum }
    }
    return total
  }

  /// One step of a lane, in whole numbers.
  private static func step(_ sum: Int32) -> Int32 {
    let word = usesOwnSums ? UInt32(bitPattern: sum) : UInt32(bitPattern: constantBytes)
    var result = sum
    for place in 0..<4 {
      let byte = Int32(word >> (8 * UInt32(place)) & 255)
      let weight = Int8(truncatingIfNeeded: constantWeights >> (8 * Int32(place)))
      result &+= byte &* Int32(weight)
    }
    return result
  }
}

/// Bytes 1, 2, 3 and 4, and weights 3, -1, 2 and -2, as words.
private let (constantBytes, constantWeights): (Int32, Int32) = (0x0403_0201, -0x01fd_00fd)

#if COSTCURVE_VNNI || COSTCURVE_AVXVNNI
  /// Whether a chain multiplies its own sums: only an instruction that does all in one keeps a
  /// compiler from computing products of constants once for all steps.
  private let usesOwnSums = false
#else
  /// Whether a chain multiplies its own sums: only an instruction that does all in one keeps a
  /// compiler from computing products of constants once for all steps.
  private let usesOwnSums = true
#endif

@inline(never)
private func integerPeakAccumulate(_ steps: Int) -> Int32 {
  var words = (constantBytes, constantWeights)
  // What is known while compiling could be multiplied then.
  withUnsafeBytes(of: &words) { costcurve_keep($0.baseAddress) }
  var sums = ProbeChains<IntVector> { IntVector(repeating: Int32($0)) }
  let weights = IntVector(repeating: words.1)
  #if COSTCURVE_VNNI || COSTCURVE_AVXVNNI
    let bytes = IntVector(repeating: words.0)
    for _ in 0..<steps {
      for i in sums.indices { sums[i] = ExactDot.add(sums[i], bytes, weights) }
    }
  #else
    for _ in 0..<steps {
      for i in sums.indices { sums[i] = PairDot.add(sums[i], sums[i], weights) }
    }
  #endif
  return total(sums)
}

@inline(__always)
private func total(_ chains: ProbeChains<IntVector>) -> Int32 {
  var sum = IntVector.zero
  for i in chains.indices { sum = sum &+ chains[i] }
  return sum.wrappedSum()
}

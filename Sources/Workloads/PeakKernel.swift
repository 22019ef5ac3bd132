import Harness
import Kernels

/// What a probe of one element type runs, and what a call of it comes to.
struct PeakKernel {
  let algorithm: String
  /// Links of each chain.
  let steps: Int
  /// Of one call on all threads, on floats.
  let flops: FLOPs
  /// The same on integers; nil for floats.
  let integerOperations: IntegerOperations?
  /// One call; every thread leaves a number of 32 bits.
  let run: (_ pool: ThreadPool, _ sums: UnsafeMutablePointer<Float>) -> Void
  /// Whether what the threads have left is right.
  let isRight: (_ sums: UnsafeMutableBufferPointer<Float>) -> Bool

  /// The probe of an element type.
  ///
  /// - Parameters:
  ///   - precision: What is multiplied; nil for float32.
  ///   - threads: Of the pool that it runs on.
  init(of precision: CaseID.Precision?, threads: Int) {
    switch precision {
    case nil: self.init(float32: PeakProbe(steps: 10_000), threads: threads)
    case .bf16?: self.init(bfloat16: BFloat16PeakProbe(steps: 10_000), threads: threads)
    case .int8?: self.init(bytes: IntegerPeakProbe(steps: 10_000), threads: threads)
    }
  }

  private init(float32 probe: PeakProbe, threads: Int) {
    (algorithm, steps) = ("probe.f32.fma-accumulate", probe.steps)
    (flops, integerOperations) = (probe.flops(threads: threads), nil)
    run = { pool, sums in probe.run(pool: pool, sums: sums) }
    // The chains converge, so what they leave is finite and not zero; there is no other oracle.
    isRight = { sums in sums.allSatisfy { $0.isFinite && $0 != 0 } }
  }

  private init(bfloat16 probe: BFloat16PeakProbe, threads: Int) {
    (algorithm, steps) = ("probe.bf16.dot-accumulate", probe.steps)
    (flops, integerOperations) = (probe.flops(threads: threads), nil)
    run = { pool, sums in probe.run(pool: pool, sums: sums) }
    isRight = { sums in
      let expected = probe.expectedSum
      return sums.allSatisfy { $0 == expected }
    }
  }

  private init(bytes probe: IntegerPeakProbe, threads: Int) {
    (algorithm, steps) = ("probe.i8.dot-accumulate", probe.steps)
    (flops, integerOperations) = (FLOPs(0), probe.operations(threads: threads))
    run = { pool, sums in
      let words = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: Int32.self)
      probe.run(pool: pool, sums: words)
    }
    // The same products, one by one.
    isRight = { sums in
      let expected = UInt32(bitPattern: probe.expectedSum)
      return sums.allSatisfy { $0.bitPattern == expected }
    }
  }
}

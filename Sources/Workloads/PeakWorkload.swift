import Harness
import Kernels

/// The compute ceiling: fused multiply-adds between registers on every thread; `peak/fma/tN`.
final class PeakWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.peak
  let algorithm: String
  let threads: Int
  private let probe = PeakProbe(steps: 10_000)
  private let pool: ThreadPool
  private let sums: AlignedBuffer

  init(id: CaseID, threads: Int) {
    self.id = id.description
    self.threads = threads
    algorithm = "probe.f32.fma-accumulate"
    pool = ThreadPool(threads: threads)
    sums = AlignedBuffer(count: threads)
  }

  var parameters: [String: JSONValue] {
    ["threads": .number(Double(threads)), "steps": .number(Double(probe.steps))]
  }
  var directFLOPs: FLOPs { probe.flops(threads: threads) }
  var executedFLOPs: FLOPs { directFLOPs }

  func run() { probe.run(pool: pool, sums: sums.pointer) }

  /// The chains converge, so what they leave is finite and not zero; there is no other oracle.
  func check() -> CaseRecord.Correctness {
    run()
    let isFinite = sums.elements.allSatisfy { $0.isFinite && $0 != 0 }
    return .init(status: isFinite ? .passed : .failed, maxError: nil)
  }

  func checksum() -> UInt64 { Checksum.of(sums.elements) }
}

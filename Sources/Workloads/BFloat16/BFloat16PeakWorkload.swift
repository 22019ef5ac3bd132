import Harness
import Kernels

/// The compute ceiling of bfloat16: products of pairs between registers on every thread;
/// `peak/dot/tN/bf16`.
final class BFloat16PeakWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.peak
  let algorithm = "probe.bf16.dot-accumulate"
  let threads: Int
  private let probe = BFloat16PeakProbe(steps: 10_000)
  private let pool: ThreadPool
  private let sums: AlignedBuffer

  init(id: CaseID, threads: Int) {
    self.id = id.description
    self.threads = threads
    pool = ThreadPool(threads: threads)
    sums = AlignedBuffer(count: threads)
  }

  var parameters: [String: JSONValue] {
    ["threads": .number(Double(threads)), "steps": .number(Double(probe.steps))]
  }
  var directFLOPs: FLOPs { probe.flops(threads: threads) }
  var executedFLOPs: FLOPs { directFLOPs }

  func run() { probe.run(pool: pool, sums: sums.pointer) }

  /// Holds what every thread has summed against the exact sum.
  func check() -> CaseRecord.Correctness {
    run()
    let isRight = sums.elements.allSatisfy { $0 == probe.expectedSum }
    return .init(status: isRight ? .passed : .failed, maxError: nil)
  }

  func checksum() -> UInt64 { Checksum.of(sums.elements) }
}

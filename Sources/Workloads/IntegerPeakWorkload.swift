import Harness
import Kernels

/// The compute ceiling of int8: products of bytes between registers on every thread;
/// `peak/dot/tN/int8`.
final class IntegerPeakWorkload: Workload {
  /// What ids name, of bfloat16 too.
  static let subject = "dot"

  let id: String
  let kind = CaseRecord.Kind.peak
  let algorithm = "probe.i8.dot-accumulate"
  let threads: Int
  private let probe = IntegerPeakProbe(steps: 10_000)
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
  var directFLOPs: FLOPs { FLOPs(0) }
  var executedFLOPs: FLOPs { FLOPs(0) }
  var integerOperations: IntegerOperations? { probe.operations(threads: threads) }

  private var results: UnsafeMutablePointer<Int32> {
    sums.bytes.assumingMemoryBound(to: Int32.self)
  }

  func run() { probe.run(pool: pool, sums: results) }

  /// Holds what every thread has summed against the same products, one by one.
  func check() -> CaseRecord.Correctness {
    run()
    let expected = probe.expectedSum
    let isRight = (0..<threads).allSatisfy { results[$0] == expected }
    return .init(status: isRight ? .passed : .failed, maxError: nil)
  }

  func checksum() -> UInt64 { Checksum.of(sums.elements) }
}

import Basics
import Harness
import Kernels

/// The ceiling of int8: products of bytes between registers on every thread; `peak/dot/tN/int8`.
final class IntegerPeakWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.peak
  let algorithm: String
  let threads: Int
  private let probe = IntegerPeakProbe(steps: 10_000)
  private let pool: ThreadPool
  private let sums: AlignedBuffer

  init(id: CaseID, threads: Int) {
    self.id = id.description
    self.threads = threads
    algorithm = "probe.i8.dot-accumulate"
    pool = ThreadPool(threads: threads)
    sums = AlignedBuffer(count: threads)
  }

  var parameters: [String: JSONValue] {
    ["threads": .number(Double(threads)), "steps": .number(Double(probe.steps))]
  }

  /// Operations of whole numbers, which have no peak in common with those of floats.
  var directFLOPs: FLOPs { FLOPs(probe.operations(threads: threads).count) }
  var executedFLOPs: FLOPs { directFLOPs }

  private var numbers: UnsafeMutablePointer<Int32> {
    sums.bytes.assumingMemoryBound(to: Int32.self)
  }

  func run() { probe.run(pool: pool, sums: numbers) }

  /// Holds what every thread leaves against one product at a time.
  func check() -> CaseRecord.Correctness {
    run()
    let expected = probe.expectedSum
    let isRight = (0..<threads).allSatisfy { numbers[$0] == expected }
    return .init(status: isRight ? .passed : .failed, maxError: nil)
  }

  func checksum() -> UInt64 {
    var hash = FNV1a()
    hash.add(UnsafeRawBufferPointer(start: numbers, count: 4 * threads))
    return hash.value
  }
}

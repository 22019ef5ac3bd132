import Harness
import Kernels

/// The compute ceiling of an element type: products between registers on every thread, added up;
/// `peak/fma/tN` of float32, `peak/dot/tN/bf16` and `peak/dot/tN/int8` of the others.
final class PeakWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.peak
  let threads: Int
  private let kernel: PeakKernel
  private let pool: ThreadPool
  private let sums: AlignedBuffer

  /// Prepares the probe of the id's element type.
  init(id: CaseID, threads: Int) {
    self.id = id.description
    self.threads = threads
    kernel = PeakKernel(of: id.precision, threads: threads)
    pool = ThreadPool(threads: threads)
    sums = AlignedBuffer(count: threads)
  }

  /// What ids name for an element type, nil for float32.
  static func subject(of precision: CaseID.Precision?) -> String {
    precision == nil ? "fma" : "dot"
  }

  var algorithm: String { kernel.algorithm }
  var parameters: [String: JSONValue] {
    ["threads": .number(Double(threads)), "steps": .number(Double(kernel.steps))]
  }
  var directFLOPs: FLOPs { kernel.flops }
  var executedFLOPs: FLOPs { kernel.flops }
  var integerOperations: IntegerOperations? { kernel.integerOperations }

  func run() { kernel.run(pool, sums.pointer) }

  /// Holds what every thread has summed against what there is to hold it against.
  func check() -> CaseRecord.Correctness {
    run()
    return .init(status: kernel.isRight(sums.elements) ? .passed : .failed, maxError: nil)
  }

  func checksum() -> UInt64 { Checksum.of(sums.elements) }
}

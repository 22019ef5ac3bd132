import Harness
import Kernels

/// A workload whose calls do what a test wants of them, and nothing else.
package final class FakeWorkload: Workload {
  package let id = "gemm/fake/t1/fake"
  package let kind = CaseRecord.Kind.gemm
  package let parameters: [String: JSONValue] = [:]
  package let algorithm = "fake"
  package let threads = 1
  package let directFLOPs = FLOPs(1)
  package let executedFLOPs = FLOPs(1)
  package private(set) var calls = 0
  private let call: () -> Void

  package init(call: @escaping () -> Void) { self.call = call }

  /// Calls that last so long, or no time at all.
  package convenience init(nanoseconds: UInt64) {
    self.init {
      let begin = Clock.now()
      while Clock.now() &- begin < nanoseconds {}
    }
  }

  package func run() {
    calls &+= 1
    call()
  }
  package func check() -> CaseRecord.Correctness { .init(status: .passed, maxError: 0) }
  package func checksum() -> UInt64 { 42 }
}

import Harness
import Testing
import Workloads

/// A peak that something else exceeds is none.
@Suite struct PeakMeterTests {
  @Test func holdsTheOthersToTheBoundOfCases() throws {
    #expect(PeakMeter.peak(100, beside: [3, 0, 101.9]) == 100)
    #expect(PeakMeter.peak(100, beside: [3, 102.1]) == nil)
    #expect(PeakMeter.peak(100, beside: []) == 100)
  }

  /// One probe an element type, with the operations of all threads.
  @Test(arguments: [
    ("fma", "", "probe.f32.fma-accumulate"), ("dot", "/bf16", "probe.bf16.dot-accumulate"),
    ("dot", "/int8", "probe.i8.dot-accumulate"),
  ])
  func eachElementTypeHasItsProbe(
    _ subject: String, _ element: String, _ algorithm: String
  ) throws {
    func flop(threads: Int) throws -> CaseRecord.Work {
      let id = "peak/\(subject)/t\(threads)\(element)"
      let workload = try Catalogue(caches: []).workload(for: CaseRequest(id: id))
      #expect(workload.id == id && workload.algorithm == algorithm && workload.threads == threads)
      #expect((workload.integerOperations != nil) == (element == "/int8"))
      #expect(try workload.check().status == .passed)
      return PreparedCase(workload).flop
    }
    let (one, two) = (try flop(threads: 1), try flop(threads: 2))
    #expect(one.executed > 0 && two.executed == 2 * one.executed && one.float == nil)
  }
}

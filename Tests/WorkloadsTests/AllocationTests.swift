import CAllocations
import Foundation
import Harness
import Kernels
import Testing
import Workloads

/// Between the start and the stop of the clock nothing is allocated, by no thread.
///
/// Each test counts in a process of its own, where no other test runs.
struct AllocationTests {
  static let counts = costcurve_counts_allocations() == 1

  /// Allocations of `calls` calls of a case that is prepared and has run before.
  static func allocations(of id: String, options: [String: String] = [:], calls: Int) throws -> Int
  {
    let catalogue = Catalogue(caches: [])
    let workload = try catalogue.workload(for: CaseRequest(id: id, options: options))
    for _ in 0..<2 { workload.run() }
    let before = costcurve_allocations()
    for _ in 0..<calls { workload.run() }
    return costcurve_allocations() - before
  }

  @Test(.enabled(if: counts)) func theCounterCounts() async {
    await #expect(processExitsWith: .success) {
      let before = costcurve_allocations()
      let memory = malloc(64)
      let array = [Int](repeating: Int(getpid()), count: 1000)
      #expect(array.count == 1000)
      free(memory)
      #expect(costcurve_allocations() - before >= 2)
    }
  }

  @Test(.enabled(if: counts)) func kernelsAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      for threads in 1...min(2, MachineReader.availableThreads) {
        for engine in ["native", "openblas"] {
          for subject in [
            "gemm/64x64x64", "gemm/256x256x256", "conv/resnet18.layer4.0.conv1/forward/b1",
            "conv/resnet18.layer1.0.conv1/forward/b1",
          ] {
            // OpenBLAS's own threads get their work in memory that it allocates.
            if engine == "openblas", threads > 1, subject.hasPrefix("gemm") { continue }
            let id = "\(subject)/t\(threads)/\(engine)"
            let count = try AllocationTests.allocations(of: id, calls: 8)
            #expect(count == 0, "\(id)")
          }
        }
        #expect(try AllocationTests.allocations(of: "peak/fma/t\(threads)", calls: 8) == 0)
      }
    }
  }

  @Test(.enabled(if: counts)) func networksAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      for threads in 1...min(2, MachineReader.availableThreads) {
        for engine in ["native", "openblas"] {
          for (case_, size) in [("infer/resnet18/b2", "64"), ("train/resnet18/b2", "64")] {
            let id = "\(case_)/t\(threads)/\(engine)"
            let count = try AllocationTests.allocations(
              of: id, options: ["input-size": size], calls: 3)
            #expect(count == 0, "\(id)")
          }
        }
      }
    }
  }

  @Test(.enabled(if: counts)) func theSamplerAddsNothingToThem() async {
    await #expect(processExitsWith: .success) {
      let spy = SpyWorkload()
      var settings = Sampler.Settings()
      (settings.warmupSeconds, settings.warmupCapSeconds) = (0.005, 0.02)
      let sampler = Sampler(spy, settings: settings)
      sampler.warmUp()
      spy.perCall = []
      spy.last = nil
      spy.perCall.reserveCapacity(1 << 20)
      _ = sampler.sample()
      #expect(spy.perCall.count == sampler.callsPerSample - 1)
      #expect(spy.perCall.allSatisfy { $0 == 0 })
    }
  }
}

/// Notes how many allocations lie between one call and the next.
final class SpyWorkload: Workload {
  let id = "gemm/spy/t1/fake"
  let kind = CaseRecord.Kind.gemm
  let parameters: [String: JSONValue] = [:]
  let algorithm = "fake"
  let threads = 1
  let directFLOPs = FLOPs(1)
  let executedFLOPs = FLOPs(1)
  let imagesPerCall: Int? = nil
  let bytesPerCall: Double? = nil
  var perCall: [Int] = []
  var last: Int?

  func run() {
    let begin = Clock.now()
    while Clock.now() &- begin < 20_000 {}
    let now = costcurve_allocations()
    if let last { perCall.append(now - last) }
    last = now
  }
  func check() -> CaseRecord.Correctness { .init(status: .passed, maxError: 0) }
  func checksum() -> UInt64 { 0 }
}

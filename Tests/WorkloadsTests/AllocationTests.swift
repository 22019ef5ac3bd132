import CAllocations
import Foundation
import Harness
import Kernels
import Models
import Programs
import TestSupport
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
        for id in [
          "peak/fma/t\(threads)", "peak/dot/t\(threads)/int8", "peak/dot/t\(threads)/bf16",
          "conv/resnet18.layer1.0.conv1/forward/b1/t\(threads)/bf16/native",
          "conv/resnet18.conv1/forward/b1/t\(threads)/bf16/native",
          "conv/resnet18.layer1.0.conv1/forward/b1/t\(threads)/int8/native",
          "conv/resnet18.conv1/forward/b1/t\(threads)/int8/native",
        ] {
          #expect(try AllocationTests.allocations(of: id, calls: 8) == 0, "\(id)")
        }
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

  @Test(.enabled(if: counts)) func stepsOverSequencesAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      let networks = [
        BERT(
          name: "b", layers: 1, width: 16, heads: 2, inner: 24, vocabulary: 50, positions: 8
        ).network, GPT2(name: "g", layers: 1, width: 16, heads: 2, vocabulary: 50).network,
        Transformer(name: "t", layers: 1, width: 16, heads: 2, inner: 24, vocabulary: 50).network,
        Seq2Seq(name: "s", layers: 1, width: 16, source: 50, target: 50).network,
      ]
      for threads in 1...min(2, MachineReader.availableThreads) {
        for network in networks {
          for precision in TrainingPrecision.allCases {
            let step = try SequenceStep(
              network, weights: SeededWeights(for: network, seed: 1), batch: 2, tokens: 6,
              precision: precision, pool: ThreadPool(threads: threads)
            ) { _, _, _ in .direct }
            step.fill(seed: 1)
            for _ in 0..<2 { step.run() }
            let before = costcurve_allocations()
            for _ in 0..<3 { step.run() }
            #expect(costcurve_allocations() == before, "\(network.name) \(precision)")
          }
        }
      }
    }
  }

  @Test(.enabled(if: counts)) func networksInBFloat16AllocateNothing() async {
    await #expect(processExitsWith: .success) {
      for threads in 1...min(2, MachineReader.availableThreads) {
        for kind in ["infer", "train"] {
          let id = "\(kind)/resnet18/b2/t\(threads)/bf16/native"
          let count = try AllocationTests.allocations(
            of: id, options: ["input-size": "64"], calls: 3)
          #expect(count == 0, "\(id)")
        }
      }
    }
  }

  @Test(.enabled(if: counts)) func theSamplerAddsNothingToThem() async {
    await #expect(processExitsWith: .success) {
      let log = AllocationLog()
      let busy = FakeWorkload(nanoseconds: 20_000)
      let workload = FakeWorkload {
        busy.run()
        log.note()
      }
      var settings = Sampler.Settings()
      (settings.warmupSeconds, settings.warmupCapSeconds) = (0.005, 0.02)
      let sampler = Sampler(workload, settings: settings)
      sampler.warmUp()
      log.clear()
      _ = sampler.sample()
      #expect(log.perCall.count == sampler.callsPerSample - 1)
      #expect(log.perCall.allSatisfy { $0 == 0 })
    }
  }
}

/// How many allocations lie between one call and the next.
final class AllocationLog {
  private(set) var perCall: [Int] = []
  private var last: Int?

  /// Begins anew, with room that later calls need not ask for.
  func clear() {
    (perCall, last) = ([], nil)
    perCall.reserveCapacity(1 << 20)
  }

  func note() {
    let now = costcurve_allocations()
    if let last { perCall.append(now - last) }
    last = now
  }
}

import Harness
import Kernels

/// A memory ceiling: reading a working set that lives in one level; `peak/read-LEVEL/tN`.
package final class BandwidthWorkload: Workload {
  /// Where the working set lives.
  package enum Level: String, CaseIterable, Sendable {
    case l1, l2, l3, dram

    /// Bytes of a working set that this level serves and the level above does not hold.
    ///
    /// Half a private cache for each thread; half the shared one in all, but at least twice what
    /// the private ones hold; for memory four times the shared cache, at most a quarter GiB, but twice a
    /// larger cache, which would serve half of that.
    func workingSet(caches: [Context.Cache], threads: Int) -> Int {
      let l2 = caches.bytes(ofLevel: 2) ?? 512 << 10
      let l3 = caches.bytes(ofLevel: 3) ?? 8 << 20
      return switch self {
      case .l1: (caches.bytes(ofLevel: 1) ?? 32 << 10) / 2 * threads
      case .l2: l2 / 2 * threads
      case .l3: max(l3 / 2, 2 * l2 * threads)
      case .dram: max(min(4 * l3, 256 << 20), min(2 * l3, 1 << 30))
      }
    }
  }

  package let id: String
  package let kind = CaseRecord.Kind.peak
  package let threads: Int
  private let level: Level
  private let probe: BandwidthProbe
  private let pool: ThreadPool
  private let sums: AlignedBuffer

  init(id: CaseID, level: Level, caches: [Context.Cache], threads: Int) {
    self.id = id.description
    self.level = level
    self.threads = threads
    let bytes = level.workingSet(caches: caches, threads: threads)
    // A call of at least a few tens of microseconds, so that starting the threads does not count.
    let passes = max(1, (8 << 20) / bytes)
    probe = BandwidthProbe(bytes: bytes, passes: passes)
    pool = ThreadPool(threads: threads)
    sums = AlignedBuffer(count: threads)
  }

  package var algorithm: String { "probe.f32.read" }
  package var parameters: [String: JSONValue] {
    [
      "threads": .number(Double(threads)), "level": .string(level.rawValue),
      "working_set_bytes": .number(Double(probe.bytesPerCall / probe.passes)),
    ]
  }
  package var directFLOPs: FLOPs { FLOPs(0) }
  package var executedFLOPs: FLOPs { FLOPs(0) }
  package var bytesPerCall: Double? { Double(probe.bytesPerCall) }

  package func run() { probe.run(pool: pool, sums: sums.pointer) }

  /// The buffer holds zeros, so every sum of it is 0.
  package func check() -> CaseRecord.Correctness {
    run()
    let isZero = sums.elements.allSatisfy { $0 == 0 }
    return .init(status: isZero ? .passed : .failed, maxError: isZero ? 0 : nil)
  }

  package func checksum() -> UInt64 { Checksum.of(sums.elements) }
}

extension [Context.Cache] {
  /// Size of a level's cache for data; nil where there is none.
  func bytes(ofLevel level: Int) -> Int? {
    first { $0.level == level && $0.type != "instruction" }?.bytes
  }
}

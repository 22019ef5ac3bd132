import Foundation

/// Reads how long the newest threads of this process were ready to run and had no CPU, without allocating.
///
/// A helper of a pool that waits for its CPU makes the caller wait, who sees nothing of it: neither
/// a switch nor time without CPU, because it spins. The kernel counts the wait of each thread
/// (Documentation/scheduler/sched-stats, `schedstat`).
package final class WaitCounter {
  /// Threads that are read, the newest: each takes a microsecond or two.
  private static let mostThreads = 16

  private let files: [KernelNumbers]

  /// Finds the threads that the process has by now.
  package init() {
    let folder = "/proc/self/task"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    files = names.compactMap(Int.init).sorted().suffix(Self.mostThreads).map {
      KernelNumbers(path: "\(folder)/\($0)/schedstat")
    }
  }

  /// Seconds of all of them together; 0 if unknown.
  package func seconds() -> Double {
    var total: UInt64 = 0
    for file in files { total &+= file.number(at: 1) }
    return Double(total) * 1e-9
  }
}

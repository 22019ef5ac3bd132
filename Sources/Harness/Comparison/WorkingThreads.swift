import CShims
import Foundation

/// The threads of another process, the busiest first.
///
/// A warmed-up worker's threads that computed have used most of its CPU time; those of runtimes that
/// only wait have used next to none. The kernel tells by `/proc/PID/task/TID/schedstat`
/// (Documentation/scheduler/sched-stats).
package struct WorkingThreads {
  /// Ids of threads by falling CPU time.
  package let busiest: [Int32]
  private let process: Int32

  package init(of process: Int32, busiest: [Int32]) {
    (self.process, self.busiest) = (process, busiest)
  }

  package init(of process: Int32) {
    let folder = "/proc/\(process)/task"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let used = names.compactMap { Int32($0) }.map { id in
      let text = try? String(contentsOfFile: "\(folder)/\(id)/schedstat", encoding: .utf8)
      return (id: id, ns: text.flatMap { UInt64($0.prefix { $0.isNumber }) } ?? 0)
    }
    self.init(
      of: process, busiest: used.sorted { ($1.ns, $0.id) < ($0.ns, $1.id) }.map(\.id))
  }

  /// Gives each of as many of the busiest threads as there are CPUs one of them: the first CPU to the
  /// process's first thread, which calls, where it is among them, and the others by age.
  ///
  /// A thread that has ended meanwhile is left out.
  package func pin(to cpus: [Int]) {
    let age = { (thread: Int32) in thread == process ? 0 : thread }
    let working = busiest.prefix(cpus.count).sorted { age($0) < age($1) }
    for (thread, cpu) in zip(working, cpus) { _ = costcurve_pin_thread(thread, Int32(cpu)) }
  }
}

import CShims
import Foundation
import Synchronization

/// Ends the process where a call of MPI does not return.
///
/// A wait of ours ends at its deadline by itself. But MPI's own calls can block, too: where a
/// connection is to be made to a machine that has gone, for one, or where a process joins the job
/// that another one never joins.
final class StallWatch: Sendable {
  /// Nanoseconds of the clock at which the call under way is taken to hang; 0 where there is none.
  private let deadline = Atomic<UInt64>(0)
  /// What the process is called.
  private let name: Mutex<String>
  /// Seconds that a call may take beyond a wait's deadline, which comes first.
  private static let graceSeconds = 5.0

  /// Starts the thread that watches.
  ///
  /// - Parameters:
  ///   - name: What the process is called until `rename`.
  ///   - giveUp: Called on that thread with the name, once; is not to return.
  init(_ name: String, giveUp: @escaping @Sendable (String) -> Void) {
    self.name = Mutex(name)
    Thread.detachNewThread { [weak self] in
      while true {
        Thread.sleep(forTimeInterval: 0.25)
        guard let self else { return }
        let deadline = self.deadline.load(ordering: .relaxed)
        if deadline != 0, costcurve_clock_ns() > deadline {
          return giveUp(self.name.withLock { $0 })
        }
      }
    }
  }

  /// Calls the process by another name, such as that of its rank.
  func rename(_ name: String) { self.name.withLock { $0 = name } }

  /// Makes a call that has to return in time.
  ///
  /// - Parameters:
  ///   - seconds: That it may take.
  ///   - call: Of MPI.
  /// - Returns: Its code.
  func during(_ seconds: Double, _ call: () -> Int32) -> Int32 {
    let most = min(seconds + Self.graceSeconds, 1e9)
    deadline.store(costcurve_clock_ns() &+ UInt64(most * 1e9), ordering: .relaxed)
    defer { deadline.store(0, ordering: .relaxed) }
    return call()
  }
}

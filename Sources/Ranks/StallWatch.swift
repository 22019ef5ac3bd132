import CShims
import Foundation
import Synchronization

/// Ends the process where a call of MPI does not return.
///
/// A wait of ours ends at its deadline by itself. But MPI's own calls can block, too: where a
/// connection is to be made to a machine that has gone, for one.
final class StallWatch: Sendable {
  /// Nanoseconds of the clock at which the call under way is taken to hang; 0 where there is none.
  private let deadline = Atomic<UInt64>(0)
  /// Seconds that a call may take beyond a wait's deadline, which comes first.
  private static let graceSeconds = 5.0

  /// Starts the thread that watches.
  ///
  /// - Parameter giveUp: Called on that thread, once; is not to return.
  init(giveUp: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [weak self] in
      while true {
        Thread.sleep(forTimeInterval: 0.25)
        guard let self else { return }
        let deadline = self.deadline.load(ordering: .relaxed)
        if deadline != 0, costcurve_clock_ns() > deadline { return giveUp() }
      }
    }
  }

  /// A call begins.
  ///
  /// - Parameter seconds: That it may take.
  func begin(_ seconds: Double) {
    let most = min(seconds + Self.graceSeconds, 1e9)
    deadline.store(costcurve_clock_ns() &+ UInt64(most * 1e9), ordering: .relaxed)
  }

  /// It has returned.
  func end() { deadline.store(0, ordering: .relaxed) }
}

import CShims
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, taken by a thread of their own so that a kernel under way cannot delay them.
///
/// The first signal asks: loops look at `wasRequested`, and `onRequest` closures end what blocks
/// (worker processes, above all), so that what was measured is still written. The second signal,
/// or a second without an end, leaves at once.
enum Interrupt {
  private static let requested = Atomic<Bool>(false)
  private static let closures = Mutex<[@Sendable () -> Void]>([])

  /// Whether the user has asked to stop.
  static var wasRequested: Bool { requested.load(ordering: .acquiring) }

  /// Adds something to do at the moment of the signal, on the signal thread.
  static func onRequest(_ closure: @escaping @Sendable () -> Void) {
    closures.withLock { $0.append(closure) }
  }

  /// Blocks the signals in every thread to come and starts the thread that waits for them.
  ///
  /// Call it first in `main`, before any other thread exists.
  static func install() {
    costcurve_block_interrupts()
    Thread.detachNewThread {
      _ = costcurve_wait_interrupt()
      requested.store(true, ordering: .releasing)
      for closure in closures.withLock({ $0 }) { closure() }
      Thread.detachNewThread {
        _ = costcurve_wait_interrupt()
        _exit(ExitStatus.interrupted.rawValue)
      }
      Thread.sleep(forTimeInterval: 0.9)
      _exit(ExitStatus.interrupted.rawValue)
    }
  }
}

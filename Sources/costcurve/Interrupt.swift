import CShims
import Foundation
import Harness
import Synchronization

/// Ctrl-C, SIGTERM and a closed terminal, taken by a thread of their own so that a kernel under way
/// cannot delay them.
///
/// The first signal asks: loops look at `wasRequested`, and each `cancelFlag` ends what blocks
/// (worker processes, above all). Who holds what is not saved yet does so within `saving`, and has
/// `savingSeconds` for it; all else has `patienceSeconds`. The second signal leaves at once.
enum Interrupt {
  /// Seconds to end in good order once nothing is left to save.
  private static let patienceSeconds = 0.9
  /// Seconds from the first signal in which what was measured must have been saved.
  private static let savingSeconds = 60.0
  /// Seconds after which a person is told what the wait is for.
  private static let silentSeconds = 2.0

  private static let requested = Atomic<Bool>(false)
  /// How many `saving` calls are under way.
  private static let unsaved = Atomic<Int>(0)
  private static let flags = Mutex<[CancelFlag]>([])

  /// Whether the user has asked to stop.
  static var wasRequested: Bool { requested.load(ordering: .acquiring) }

  /// A flag that is raised at the moment of the signal, on the signal thread; at once where there has
  /// been one.
  static func cancelFlag() -> CancelFlag {
    let flag = CancelFlag()
    flags.withLock { $0.append(flag) }
    if wasRequested { flag.cancel() }
    return flag
  }

  /// Does what must not be cut short by the first signal: from the moment at which there is
  /// something to lose until it is on the disk.
  ///
  /// - Parameter body: Ends soon after a signal, but for the time that its files need.
  /// - Returns: What it returns.
  static func saving<Result>(_ body: () throws -> Result) rethrows -> Result {
    unsaved.add(1, ordering: .sequentiallyConsistent)
    defer { unsaved.subtract(1, ordering: .sequentiallyConsistent) }
    return try body()
  }

  /// Blocks the signals in every thread to come and starts the thread that waits for them.
  ///
  /// Call it first in `main`, before any other thread exists.
  static func install() {
    costcurve_block_interrupts()
    Thread.detachNewThread {
      _ = costcurve_wait_interrupt()
      requested.store(true, ordering: .releasing)
      Thread.detachNewThread {
        _ = costcurve_wait_interrupt()
        _exit(ExitStatus.interrupted.rawValue)
      }
      for flag in flags.withLock({ $0 }) { flag.cancel() }
      awaitTheEnd()
      _exit(ExitStatus.interrupted.rawValue)
    }
  }

  /// Returns when the process has had the time that it is given.
  private static func awaitTheEnd() {
    let step = 0.02
    var (waited, idle, hasSaid) = (0.0, 0.0, false)
    while idle < patienceSeconds {
      Thread.sleep(forTimeInterval: step)
      waited += step
      guard unsaved.load(ordering: .sequentiallyConsistent) > 0 else {
        idle += step
        continue
      }
      idle = 0
      if waited > silentSeconds, !hasSaid, Console.errorIsTerminal {
        Console.error("costcurve: saving what was measured; Ctrl-C again ends at once.")
        hasSaid = true
      }
      if waited > savingSeconds {
        return Console.error(
          "costcurve: what was measured could not be saved within \(Int(savingSeconds)) s.")
      }
    }
  }
}

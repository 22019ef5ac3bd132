import Basics
import Foundation
import Harness
import Synchronization

/// Worker instances side by side: each on a thread of its own, prepared in their own time, started
/// together.
///
/// The first failure ends them all, as the user's flag does; nothing waits without a limit.
final class InstanceGroup: Sendable {
  /// Ends every instance; to be handed to their workers.
  let cancel = CancelFlag()
  private let count: Int
  private let patience: Double
  private let outer: CancelFlag
  private let ready = Atomic<Int>(0)
  private let running = Atomic<Int>(0)
  private let failure = Mutex<Problem?>(nil)

  /// - Parameters:
  ///   - count: Of instances, at least 1.
  ///   - patience: Seconds that an instance which is ready waits for the others.
  ///   - cancel: The user's; it ends all instances.
  init(count: Int, patience: Double, cancel: CancelFlag) {
    (self.count, self.patience, outer) = (count, patience, cancel)
  }

  /// What every instance does; it calls its argument once it is ready to start with the others.
  typealias Body<Value> =
    @Sendable (_ start: () throws(Problem) -> Void) throws(Problem) -> Value

  /// Runs all instances to their end; call it once.
  ///
  /// - Parameter body: Ends soon after `cancel`.
  /// - Returns: What each returned, in the order of their ends.
  /// - Throws: The first failure; `cannotStart` where the system has no thread left.
  func run<Value: Sendable>(_ body: @escaping Body<Value>) throws(Problem) -> [Value] {
    let values = Values<Value>()
    for _ in 0..<count {
      running.add(1, ordering: .sequentiallyConsistent)
      let code = Self.startThread { [self] in
        do throws(Problem) {
          let value = try body { () throws(Problem) in try awaitOthers() }
          values.all.withLock { $0.append(value) }
        } catch {
          fail(error)
        }
        running.subtract(1, ordering: .sequentiallyConsistent)
      }
      guard code == 0 else {
        running.subtract(1, ordering: .sequentiallyConsistent)
        fail(.cannotStart(executable: "a thread", reason: String(cString: strerror(code))))
        break
      }
    }
    while running.load(ordering: .sequentiallyConsistent) > 0 {
      if outer.isCancelled { fail(.interrupted) }
      usleep(2_000)
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return values.all.withLock { $0 }
  }

  /// Returns when all instances are ready.
  private func awaitOthers() throws(Problem) {
    ready.add(1, ordering: .sequentiallyConsistent)
    let begin = Clock.now()
    while ready.load(ordering: .sequentiallyConsistent) < count {
      if cancel.isCancelled { throw .interrupted }
      if Double(Clock.now() &- begin) * 1e-9 > patience {
        throw .timedOut(case: "another instance", seconds: patience)
      }
      usleep(200)
    }
  }

  /// Keeps the first failure, which is the cause of the others, and ends all.
  private func fail(_ error: Problem) {
    failure.withLock { if $0 == nil { $0 = error } }
    cancel.cancel()
  }

  /// Starts a thread of its own for a closure; 0, or the reason why there is none to be had.
  private static func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    let start = Unmanaged.passRetained(ThreadBody(run: body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      return code
    }
    pthread_detach(handle)
    return 0
  }
}

/// What the instances have returned so far.
private final class Values<Value: Sendable>: Sendable {
  let all = Mutex<[Value]>([])
}

/// What a thread is born with.
private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

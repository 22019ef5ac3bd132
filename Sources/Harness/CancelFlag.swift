import Synchronization

/// Set once, by a signal thread or a test; looked at wherever a run can stop.
package final class CancelFlag: Sendable {
  private let value = Atomic<Bool>(false)

  package init() {}

  /// Asks everything that holds the flag to stop.
  ///
  /// Safe from any thread.
  package func cancel() { value.store(true, ordering: .releasing) }

  package var isCancelled: Bool { value.load(ordering: .acquiring) }
}

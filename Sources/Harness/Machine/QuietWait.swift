import Foundation

/// Waits before a case until the machine is quiet, or until its time is up.
package struct QuietWait: Sendable {
  /// Seconds that a case waits at most, over all its processes.
  package var seconds: Double
  /// What the machine does at the moment; nil where nobody can tell.
  package var look: @Sendable () -> MachineLook?

  package init(
    seconds: Double, look: @escaping @Sendable () -> MachineLook? = { MachineLook.take() }
  ) {
    (self.seconds, self.look) = (seconds, look)
  }

  package enum End: Hashable, Sendable {
    /// After so many seconds.
    case quiet(afterSeconds: Double)
    /// It was not quiet at any look; what the last one saw, nil where nobody can tell.
    case neverQuiet(MachineLook?)
    case cancelled

    /// False where all looks found something else at work.
    package var wasQuiet: Bool {
      if case .neverQuiet = self { false } else { true }
    }
  }

  /// Looks again and again.
  ///
  /// - Parameters:
  ///   - seconds: What is left of the case's time.
  ///   - cancel: Ends it early.
  /// - Returns: Why it looks no longer.
  package func wait(seconds: Double, cancel: CancelFlag) -> End {
    let begin = Clock.now()
    while true {
      if cancel.isCancelled { return .cancelled }
      guard let seen = look() else { return .neverQuiet(nil) }
      let elapsed = Double(Clock.now() &- begin) * 1e-9
      if seen.isQuiet { return .quiet(afterSeconds: elapsed) }
      if elapsed >= seconds { return .neverQuiet(seen) }
    }
  }
}

import Harness

extension OutputOptions {
  /// Looks at the machine before a measurement, and says so where it is busy.
  ///
  /// - Parameter waits: Whether the measurement will wait for it to become quiet.
  /// - Returns: What was seen; nil where the kernel does not tell.
  func lookAtMachine(waits: Bool) -> MachineLook? {
    let look = MachineLook.take()
    if let look, !look.isQuiet {
      note(
        "costcurve: the machine is busy. \(look.sentence) "
          + (waits
            ? "Each case waits for it to become quiet."
            : "Stop that, or give --wait-for-quiet 10m; what this makes doubtful is withheld."))
    }
    return look
  }

  /// Waits for a quiet machine before a single measurement, and says where it never was.
  ///
  /// - Parameter wait: How long; nil for not at all.
  func waitForQuiet(_ wait: QuietWait?) {
    guard let wait else { return }
    let cancel = Interrupt.cancelFlag()
    guard case .neverQuiet(let look) = wait.wait(seconds: wait.seconds, cancel: cancel) else {
      return
    }
    note(
      "costcurve: the machine was never quiet within \(Units.number(wait.seconds)) s. "
        + (look?.sentence ?? "The kernel does not tell what else runs."))
  }
}

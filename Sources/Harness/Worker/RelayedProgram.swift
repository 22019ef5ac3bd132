import Basics

/// A program whose output is passed on line by line as it comes, such as a build.
package enum RelayedProgram {
  /// Seconds without a line after which it is taken to hang.
  private static let patience = 3600.0

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - launch: The program; what it writes to its standard error is passed on only if it points
  ///     that at its standard output.
  ///   - cancel: Interrupts it, with all that it started.
  ///   - relay: Gets every line.
  /// - Returns: Whether it ended with exit code 0.
  /// - Throws: `cannotStart`, `cancelled`, or `timedOut` after an hour without a line.
  package static func run(
    _ launch: WorkerLaunch, cancel: CancelFlag, relay: (String) -> Void
  ) throws(Problem) -> Bool {
    let child = try ChildProcess(launch)
    while true {
      switch child.readLine(timeoutSeconds: patience, cancel: cancel) {
      case .success(let line): relay(String(decoding: line, as: UTF8.self))
      case .failure(.ended):
        _ = child.wait(timeoutSeconds: 5)
        return child.succeeded
      case .failure(.cancelled):
        child.interrupt()
        throw .interrupted
      case .failure(.timedOut):
        child.interrupt()
        throw .timedOut(case: launch.executable, seconds: patience)
      }
    }
  }
}

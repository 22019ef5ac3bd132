import Foundation
import Harness

/// A new start of this program without `LeftOutVariables`.
///
/// OpenBLAS reads them while it is loaded, before the first line of this program: taking them out of
/// the environment here would free the workers, but not what is timed or computed in this process.
enum FreshStart {
  /// Commands that measure or compute with the library.
  private static let concerned: Set<String> = [
    "run", "infer", "train", "kernels", "roofline", "predict", "verify", "compare", "check",
    "baseline", "peers", "efficiency", "doctor",
  ]

  /// Starts anew where one of the variables is set; says so where the command is concerned.
  ///
  /// Where the system refuses, this process goes on: its workers are free of them all the same.
  static func takeIfNeeded() {
    let changes = LeftOutVariables.changes(to: ProcessInfo.processInfo.environment)
    let names = changes.filter { $0.value == nil }.keys.sorted()
    guard !names.isEmpty else { return }
    let words = CommandLine.arguments.dropFirst()
    if let command = words.first, concerned.contains(command), !words.contains("--quiet") {
      let those = names.count == 1 ? "is" : "are"
      Console.error(
        "costcurve: \(names.joined(separator: " and ")) \(those) left out so that OpenBLAS chooses "
          + "its own core")
    }
    for (name, value) in changes {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}

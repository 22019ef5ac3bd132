import ArgumentParser
import Foundation
import Harness

/// A new start of this program without `LeftOutVariables`.
///
/// OpenBLAS reads them while it is loaded, before the first line of this program: taking them out of
/// the environment here would free the workers, but not what is timed or computed in this process.
enum FreshStart {
  /// Commands that time or compute with the library in this very process, or record what is left
  /// out of the workers that do.
  private static let concerned: [any ParsableCommand.Type] = [
    RunCommand.self, InferCommand.self, TrainCommand.self, KernelsCommand.self,
    RooflineCommand.self, PredictCommand.self, VerifyCommand.self, CompareCommand.self,
    CheckCommand.self, PeersCommand.self, EfficiencyCommand.self, DoctorCommand.self,
    WorkerCommand.self,
  ]

  /// Starts a concerned command anew where one of the variables is set; the new start says so.
  ///
  /// Where the system refuses, this process goes on, and says that: its workers are free of them all
  /// the same.
  static func takeIfNeeded() {
    let words = CommandLine.arguments.dropFirst()
    guard let command = words.first, concerned.contains(where: { $0._commandName == command })
    else { return }
    let isQuiet = command == WorkerCommand._commandName || words.contains("--quiet")
    let environment = ProcessInfo.processInfo.environment
    let changes = LeftOutVariables.changes(to: environment)
    guard !changes.isEmpty else {
      if !isQuiet {
        for warning in Warning.leftOut(LeftOutVariables.values(in: environment)) {
          Console.error("costcurve: \(warning.sentence)")
        }
      }
      return
    }
    for (name, value) in changes {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
    // Not by its path, where another build may lie by now; `ps` then calls it `exe`, as the workers.
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    let reason = String(cString: strerror(errno))
    let names = changes.filter { $0.value == nil }.keys.sorted().joined(separator: " and ")
    Console.error(
      "costcurve: cannot start anew without \(names) (\(reason)): what this process itself times or "
        + "computes is of the kernels that they chose; unset them.")
  }
}

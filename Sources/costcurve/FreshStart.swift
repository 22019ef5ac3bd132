import ArgumentParser
import Foundation
import Harness

/// A new start of this program without `LeftOutVariables`.
///
/// OpenBLAS reads them while it is loaded. That is when it is first used, except where somebody has
/// put another one in front by LD_PRELOAD, which has read them before this program's first line.
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
  /// Where the system refuses, this process goes on without them.
  static func takeIfNeeded() {
    let words = CommandLine.arguments.dropFirst()
    guard let command = words.first, concerned.contains(where: { $0._commandName == command })
    else { return }
    let isQuiet = command == WorkerCommand._commandName || words.contains("--quiet")
    let changes = LeftOutVariables.changes(to: ProcessInfo.processInfo.environment)
    if !changes.isEmpty {
      for (name, value) in changes {
        if let value { setenv(name, value, 1) } else { unsetenv(name) }
      }
      // Not by its path, where another build may lie by now; `ps` calls it `exe`, as the workers.
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
    guard !isQuiet else { return }
    let left = LeftOutVariables.values(in: ProcessInfo.processInfo.environment)
    for warning in Warning.leftOut(left) { Console.error("costcurve: \(warning.sentence)") }
  }
}

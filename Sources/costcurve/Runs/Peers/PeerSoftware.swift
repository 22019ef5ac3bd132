import Basics
import Foundation
import Harness

/// The Python that has the peers' packages, and the script that drives them.
struct PeerSoftware {
  var python: String
  var script: String
  var isTraining: Bool

  /// Variables that no arm gets: all are told how many threads to use.
  static let unset = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]

  /// They, as a worker's environment takes them.
  static let environment: [String: String?] = Dictionary(
    uniqueKeysWithValues: unset.map { ($0, nil) })

  /// Our own worker, without the variables.
  static let own = WorkerLaunch(
    executable: WorkerLaunch.own.executable, environment: environment)

  func arm(_ name: String) -> Arm {
    Arm(
      name: name,
      launch: WorkerLaunch(
        executable: python, arguments: [script] + (isTraining ? ["--train"] : []),
        environment: Self.environment, isForeign: true),
      engine: name)
  }

  /// The peers whose packages this Python has; says which it lacks.
  func installed(matching only: String?, note: (String) -> Void) throws -> [String] {
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Problem(.absent, "there is no Python '\(python)'; run 'make peers' or give --python.")
    }
    guard FileManager.default.fileExists(atPath: script) else {
      throw Problem(
        .absent, "there is no '\(script)'; run in the project's folder or give --peers-folder.")
    }
    let expression = try only.map { text -> Regex<AnyRegexOutput> in
      do {
        return try Regex(text)
      } catch {
        throw Problem(.usage, "--only '\(text)' is not a regular expression: \(error)")
      }
    }
    let greeting = try GreetedWorker(arm("peers").launch).greeting
    let names = (greeting.libraries ?? []).compactMap { library -> String? in
      if let expression, !library.name.contains(expression) { return nil }
      guard library.configuration == "installed" else {
        note("\(library.name) is skipped: \(library.configuration).")
        return nil
      }
      return library.name
    }
    guard !names.isEmpty else {
      throw Problem(
        .absent,
        "no external runtime is installed; run 'make peers', or name a Python with --python.")
    }
    return names
  }
}

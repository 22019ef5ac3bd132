import Foundation

/// How a worker is started: a program, its arguments, and what it finds in its environment.
package struct WorkerLaunch: Hashable, Sendable {
  package var executable: String
  package var arguments: [String]
  /// Variables set on top of the parent's environment; nil removes one.
  package var environment: [String: String?]
  /// True for programs whose threads may spin between turns: they are stopped and continued.
  package var isForeign: Bool
  /// CPUs that it may run on; nil for all that the parent may.
  package var cpus: [Int]?

  package init(
    executable: String, arguments: [String] = ["worker"], environment: [String: String?] = [:],
    isForeign: Bool = false
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.isForeign = isForeign
  }

  /// This very program as a worker, even where its file has since been replaced or moved.
  package static let own = WorkerLaunch(executable: "/proc/self/exe")

  /// The environment that the worker gets, as `KEY=value`.
  func environmentStrings() -> [String] {
    var merged = ProcessInfo.processInfo.environment
    for (key, value) in environment { merged[key] = value }
    return merged.map { "\($0.key)=\($0.value)" }.sorted()
  }
}

import Basics
import Foundation
import Harness
import Workloads

/// Environments of dated releases, each by itself, which a script makes outside the tree.
struct ReleaseEnvironments {
  /// The Python that makes them; what they are for is of the same version.
  var python: String
  var scripts: String
  /// Where the environments go.
  var folder: String
  var isTraining: Bool

  /// A release that was asked for.
  struct Release: Decodable, Hashable, Sendable {
    var software: String
    var version: String
    /// A day or a month.
    var released: String
    /// The ways in which it is run.
    var settings: [String]
    /// The interpreter that has it.
    var python: String?
    /// The OpenBLAS that it brings.
    var library: String?
    /// Why there is neither.
    var reason: String?

    var origin: CaseRecord.Origin {
      CaseRecord.Origin(name: software, version: version, released: released)
    }
  }

  /// What the script says at a time.
  private struct Line: Decodable {
    var note: String?
    var release: Release?
  }

  /// All releases that are wanted, each with its environment or why it has none; installs what is
  /// not there yet.
  ///
  /// - Parameters:
  ///   - only: A regular expression for `SETTING-VERSION`; nil for all.
  ///   - note: Is told what is being installed.
  /// - Returns: At least one.
  /// - Throws: `absent` without the script, `usage` for an expression that is none, `caseFailed`
  ///   where it matches nothing or the script fails.
  func releases(matching only: String?, note: (String) -> Void) throws -> [Release] {
    let script = scripts + "/environments.py"
    guard FileManager.default.fileExists(atPath: script) else {
      throw Problem(
        .absent, "there is no '\(script)'; run in the project's folder or give --peers-folder.")
    }
    if let only {
      do {
        _ = try Regex<AnyRegexOutput>(only)
      } catch {
        throw Problem(.usage, "--only '\(only)' is not a regular expression: \(error)")
      }
    }
    let launch = WorkerLaunch(
      executable: "/usr/bin/env",
      arguments: [python, script, "--folder", folder] + (isTraining ? ["--train"] : [])
        + (only.map { ["--only=\($0)"] } ?? []))
    var found: [Release] = []
    let succeeded = try RelayedProgram.run(launch, cancel: Interrupt.cancelFlag()) { text in
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { return }
      if let words = line.note { note(words) }
      if let release = line.release { found.append(release) }
    }
    guard succeeded else {
      throw Problem(
        .caseFailed,
        "'\(python) \(script) --folder \(folder)' failed; run it by itself to see why.")
    }
    guard !found.isEmpty else {
      throw Problem(.caseFailed, "--only '\(only ?? "")' matches no release of '\(script)'.")
    }
    return found
  }

  /// What runs a release in one of its settings.
  ///
  /// - Throws: Why it cannot be run.
  func arm(of release: Release, in setting: String) throws(Problem) -> Arm {
    if let reason = release.reason { throw Problem(.absent, reason) }
    let name = Self.name(of: release, in: setting)
    if let library = release.library { return try arm(of: library, name: name) }
    guard let interpreter = release.python else {
      throw Problem(.malformed, "neither an interpreter nor a library is known of it")
    }
    return Arm(
      name: name,
      launch: WorkerLaunch(
        executable: interpreter,
        arguments: [scripts + "/worker.py", "--releases"] + (isTraining ? ["--train"] : []),
        environment: PeerSoftware.environment, isForeign: true),
      engine: setting)
  }

  /// `SETTING-VERSION`.
  static func name(of release: Release, in setting: String) -> String {
    "\(setting)-\(release.version)"
  }

  /// Our own lowering to matrix products over another OpenBLAS.
  private func arm(of library: String, name: String) throws(Problem) -> Arm {
    var environment = PeerSoftware.environment
    environment["LD_PRELOAD"] = library
    let launch = WorkerLaunch(
      executable: WorkerLaunch.own.executable, environment: environment)
    let file = URL(fileURLWithPath: library).resolvingSymlinksInPath().path
    // The loader leaves out what it cannot preload, with a warning that nobody sees.
    guard try GreetedWorker(launch).greeting.cblasFile == file else {
      throw Problem(.malformed, "it has no cblas_sgemm with lengths of 32 bits, or does not load")
    }
    return Arm(name: name, launch: launch, engine: Engine.openblas.rawValue)
  }
}

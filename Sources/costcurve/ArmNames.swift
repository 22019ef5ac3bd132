import Economics
import Foundation
import Harness
import History
import Workloads

/// Reads what `compare` calls an arm.
struct ArmNames {
  /// The engine asked of arms that do not name one.
  var engine: Engine
  var baselines: BaselineStore

  /// The arm that a word names.
  ///
  /// An engine, `openblas@/path/lib.so`, `baseline:NAME`, the path of a costcurve binary, or a git
  /// revision of the folder that it is run in, in that order.
  ///
  /// - Throws: Exit 5 with the nearest engine for a word that is none of these.
  func arm(_ word: String) throws -> Arm {
    if let engine = Engine(rawValue: word) {
      return Arm(name: word, launch: .own, engine: engine.rawValue)
    }
    if let library = word.split(separator: "@", maxSplits: 1).dropFirst().first,
      word.hasPrefix("openblas@")
    {
      return try self.library(String(library), name: word)
    }
    if word.hasPrefix("baseline:") {
      let path = try baselines.executable(String(word.dropFirst("baseline:".count)))
      return binary(path, name: word)
    }
    if word.contains("/") || FileManager.default.isExecutableFile(atPath: word) {
      return try self.file(word)
    }
    if let commit = GitState.git(
      ["rev-parse", "--verify", "--quiet", word + "^{commit}"], folder: ".")
    {
      return binary(try RevisionBuild(commit: commit).executable(), name: word)
    }
    let hint = NearestNames.hint(to: word, among: Engine.allCases.map(\.rawValue))
    throw Failure(
      .absent,
      "'\(word)' is no engine, no baseline:NAME, no path of a binary and no git revision here.\(hint)"
    )
  }

  private func binary(_ path: String, name: String) -> Arm {
    Arm(name: name, launch: WorkerLaunch(executable: path), engine: engine.rawValue)
  }

  private func file(_ path: String) throws -> Arm {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(.absent, "there is no file '\(path)'; give the path of a costcurve binary.")
    }
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(.failure, "'\(path)' cannot be run; give the path of a costcurve binary.")
    }
    return binary(URL(fileURLWithPath: path).standardizedFileURL.path, name: path)
  }

  /// Another library with OpenBLAS's interface in front of the one that was linked.
  private func library(_ path: String, name: String) throws -> Arm {
    guard path.hasPrefix("/"), FileManager.default.isReadableFile(atPath: path) else {
      throw Failure(
        .absent, "'\(name)': there is no library '\(path)'; give its whole path, from the root.")
    }
    let launch = WorkerLaunch(executable: "/proc/self/exe", environment: ["LD_PRELOAD": path])
    return Arm(name: name, launch: launch, engine: Engine.openblas.rawValue)
  }
}

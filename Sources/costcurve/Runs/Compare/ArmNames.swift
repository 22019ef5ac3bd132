import Basics
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

  /// Whether builds of revisions keep their lines to themselves.
  var quiet = false

  private enum Named {
    case arm(Arm)
    case revision(RevisionBuild)
  }

  /// The arms that words name.
  ///
  /// An arm is an engine, `openblas@/path/lib.so`, `baseline:NAME`, the path of a costcurve binary,
  /// or a git revision of the folder that it is run in, in that order. All words are looked up
  /// before the first revision is built.
  ///
  /// - Throws: Exit 5 with the nearest engine for a word that is none of these, 3 for a revision
  ///   that does not build.
  func arms(_ words: [String]) throws -> [Arm] {
    try words.map(named).map { named in
      switch named {
      case .arm(let arm): arm
      case .revision(let revision): binary(try revision.executable(), name: revision.title)
      }
    }
  }

  private func named(_ word: String) throws -> Named {
    if let engine = Engine(rawValue: word) {
      return .arm(Arm(name: word, launch: .own, engine: engine.rawValue))
    }
    if let library = word.split(separator: "@", maxSplits: 1).dropFirst().first,
      word.hasPrefix("openblas@")
    {
      return .arm(try self.library(String(library), name: word))
    }
    if word.hasPrefix("baseline:") {
      let path = try baselines.executable(String(word.dropFirst("baseline:".count)))
      return .arm(binary(path, name: word))
    }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: word, isDirectory: &isFolder)
    if exists, !isFolder.boolValue, word.contains("/") || isExecutable(word) {
      return .arm(try file(word))
    }
    if let revision = RevisionBuild(word, quiet: quiet) { return .revision(revision) }
    if word.contains("/") {
      throw Problem(
        .absent,
        exists
          ? "'\(word)' is a folder; give the path of a costcurve binary in it."
          : "there is no file '\(word)' and no git revision of that name; give the path of a "
            + "costcurve binary, or a revision of the repository that you are in.")
    }
    let hint = NearestNames.hint(to: word, among: Engine.allCases.map(\.rawValue))
    throw Problem(
      .absent,
      "'\(word)' is neither an engine, baseline:NAME, the path of a binary nor a git revision here."
        + hint)
  }

  private func binary(_ path: String, name: String) -> Arm {
    Arm(name: name, launch: WorkerLaunch(executable: path), engine: engine.rawValue)
  }

  private func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  private func file(_ path: String) throws -> Arm {
    guard isExecutable(path) else {
      throw Problem(.malformed, "'\(path)' cannot be run; give the path of a costcurve binary.")
    }
    return binary(URL(fileURLWithPath: path).standardizedFileURL.path, name: path)
  }

  /// Another library with OpenBLAS's interface in front of the one that was linked.
  private func library(_ path: String, name: String) throws -> Arm {
    guard path.hasPrefix("/"), FileManager.default.isReadableFile(atPath: path) else {
      throw Problem(
        .absent, "'\(name)': there is no library '\(path)'; give its whole path, from the root.")
    }
    let launch = WorkerLaunch(
      executable: WorkerLaunch.own.executable, environment: ["LD_PRELOAD": path])
    // The loader leaves out what it cannot preload, with a warning that nobody sees, and a library
    // without the function of its own answers nothing: the arm would be OpenBLAS by another name.
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard try GreetedWorker(launch).greeting.cblasFile == file else {
      throw Problem(
        .malformed,
        "'\(name)': either it cannot be loaded, or it has no cblas_sgemm of its own; give a "
          + "library of this machine with the CBLAS interface.")
    }
    return Arm(name: name, launch: launch, engine: Engine.openblas.rawValue)
  }
}

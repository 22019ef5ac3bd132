import Basics
import CShims
import Foundation
import Harness

/// Saved executables, each with the record of its build, so that tomorrow's check can run old and
/// new side by side instead of comparing numbers of different days.
package struct BaselineStore: Sendable {
  /// The folder that holds one folder per baseline.
  package let folder: String
  /// Exchanges two folders in one step; false where that cannot be done.
  let exchange: @Sendable (String, String) -> Bool

  /// The baselines of a folder.
  ///
  /// - Parameters:
  ///   - folder: Made by the first save.
  ///   - exchange: Other than the system's for a test of file systems that lack it.
  package init(
    folder: String,
    exchange: @escaping @Sendable (String, String) -> Bool = {
      costcurve_exchange_paths($0, $1) == 0
    }
  ) {
    (self.folder, self.exchange) = (folder, exchange)
  }

  /// Beside the database that is in use.
  package init(besideDatabase path: String) {
    let parent = (path as NSString).deletingLastPathComponent
    self.init(folder: (parent.isEmpty ? "." : parent) + "/baselines")
  }

  /// What is known of a saved executable.
  package struct Build: Codable, Hashable, Sendable {
    package var schema = "costcurve.baseline"
    package var schemaVersion = 1
    package var name: String
    package var saved: String
    package var version: String
    package var `protocol`: Int
    package var bytes: Int
    package var machine: Fingerprint
    package var git: Context.Git?
    /// Ids of the cases that a check compares unless it is told others.
    package var cases: [CaseRequest]
    /// Name of the executable's file beside this record; the usual one where it is nil.
    package var executable: String?

    /// Name of the executable's file beside this record.
    var fileName: String { executable ?? BaselineStore.executableName }

    package init(
      name: String, saved: String, version: String, protocol: Int, bytes: Int,
      machine: Fingerprint, git: Context.Git?, cases: [CaseRequest]
    ) {
      (self.name, self.saved, self.version) = (name, saved, version)
      (self.protocol, self.bytes, self.machine) = (`protocol`, bytes, machine)
      (self.git, self.cases) = (git, cases)
    }
  }

  static let executableName = "costcurve"
  static let recordName = "build.json"
  /// Begins the names of what is being saved or was replaced: never a baseline's.
  static let draftPrefix = ".draft-"

  /// Path of a baseline's executable.
  ///
  /// - Throws: `Problem` of kind `absent` with the names that there are.
  package func executable(_ name: String) throws -> String {
    "\(folder)/\(name)/\(try build(name).fileName)"
  }

  package func build(_ name: String) throws -> Build {
    let place = "\(folder)/\(name)"
    let record = "\(place)/\(Self.recordName)"
    guard Self.isName(name), FileManager.default.fileExists(atPath: record) else {
      let names = list().map(\.name)
      let known = names.isEmpty ? "none is saved yet" : "saved are \(names.joined(separator: ", "))"
      throw Problem(
        .absent, "there is no baseline '\(name)'; \(known) ('costcurve baseline save NAME')")
    }
    guard let build = whole(name) else {
      throw Problem(
        .malformed,
        "the baseline '\(name)' in '\(place)' is damaged; remove it with 'costcurve baseline "
          + "remove \(name)' and save it again")
    }
    return build
  }

  /// What is known of a baseline whose record can be read and whose executable is there.
  private func whole(_ name: String) -> Build? {
    let place = "\(folder)/\(name)"
    var last: Data?
    while let data = FileManager.default.contents(atPath: "\(place)/\(Self.recordName)"),
      data != last, let build = try? ResultRecord.decoder().decode(Build.self, from: data)
    {
      if FileManager.default.isExecutableFile(atPath: "\(place)/\(build.fileName)") {
        return build
      }
      // A save may have replaced both in between; then there is another record now.
      last = data
    }
    return nil
  }

  package func list() -> [Build] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter(Self.isName).sorted().compactMap(whole)
  }

  /// Removes a baseline.
  ///
  /// - Throws: `Problem` of kind `absent` where there is none of that name.
  package func remove(_ name: String) throws {
    let place = "\(folder)/\(name)"
    guard Self.isName(name), FileManager.default.fileExists(atPath: place) else {
      _ = try build(name)
      return
    }
    do {
      let turn = FolderLock(above: place)
      defer { turn.release() }
      // Gone in one step: a removal that is killed leaves no part under the name.
      let draft = "\(folder)/\(Self.draftPrefix)\(name)"
      try? FileManager.default.removeItem(atPath: draft)
      try FileManager.default.moveItem(atPath: place, toPath: draft)
      try FileManager.default.removeItem(atPath: draft)
    } catch {
      throw Problem(
        .cannotWrite, "the baseline '\(name)' in '\(place)' cannot be removed: no permission")
    }
  }

  static func isName(_ name: String) -> Bool {
    guard let first = name.first, first != ".", name.count <= 100 else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }
}

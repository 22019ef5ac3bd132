import Foundation
import Harness

/// Saved executables, each with the record of its build, so that tomorrow's check can run old and
/// new side by side instead of comparing numbers of different days.
package struct BaselineStore: Sendable {
  /// The folder that holds one folder per baseline.
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Beside the database that is in use.
  package init(besideDatabase path: String) {
    let parent = (path as NSString).deletingLastPathComponent
    folder = (parent.isEmpty ? "." : parent) + "/baselines"
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

    package init(
      name: String, saved: String, version: String, protocol: Int, bytes: Int,
      machine: Fingerprint, git: Context.Git?, cases: [CaseRequest]
    ) {
      (self.name, self.saved, self.version) = (name, saved, version)
      (self.protocol, self.bytes, self.machine) = (`protocol`, bytes, machine)
      (self.git, self.cases) = (git, cases)
    }
  }

  private static let executableName = "costcurve"

  /// Path of a baseline's executable.
  ///
  /// - Throws: `HistoryError.absent` with the names that there are.
  package func executable(_ name: String) throws -> String {
    _ = try build(name)
    return "\(folder)/\(name)/\(Self.executableName)"
  }

  /// What is known of a baseline.
  package func build(_ name: String) throws -> Build {
    let place = "\(folder)/\(name)"
    guard Self.isName(name), let data = FileManager.default.contents(atPath: place + "/build.json")
    else {
      let names = list().map(\.name)
      let known = names.isEmpty ? "none is saved yet" : "saved are \(names.joined(separator: ", "))"
      throw HistoryError(
        .absent, "there is no baseline '\(name)'; \(known) ('costcurve baseline save NAME')")
    }
    guard let build = try? ResultRecord.decoder().decode(Build.self, from: data),
      FileManager.default.isExecutableFile(atPath: "\(place)/\(Self.executableName)")
    else {
      throw HistoryError(
        .malformed,
        "the baseline '\(name)' in '\(place)' is damaged; remove it with 'costcurve baseline "
          + "remove \(name)' and save it again")
    }
    return build
  }

  /// All baselines that can be read, by name.
  package func list() -> [Build] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)/build.json")
        .flatMap { try? ResultRecord.decoder().decode(Build.self, from: $0) }
    }
  }

  /// Saves an executable under a name, replacing what had it.
  ///
  /// The copy is made under another name and put in place by renaming, so that a killed save leaves
  /// the old baseline or the new one.
  ///
  /// - Throws: `HistoryError` where there is no room or no permission.
  package func save(_ build: Build, executable: String) throws {
    guard Self.isName(build.name) else {
      throw HistoryError(
        .malformed,
        "'\(build.name)' is no name for a baseline: letters, digits, dots, hyphens and underscores "
          + "only, and no dot in front")
    }
    let files = FileManager.default
    let place = "\(folder)/\(build.name)"
    let draft = "\(folder)/.draft-\(build.name)-\(UUID().uuidString)"
    do {
      try files.createDirectory(atPath: draft, withIntermediateDirectories: true)
      defer { try? files.removeItem(atPath: draft) }
      let binary = "\(draft)/\(Self.executableName)"
      // Read through the path, so that /proc/self/exe gives the file and not the link.
      try Data(contentsOf: URL(fileURLWithPath: executable)).write(to: URL(fileURLWithPath: binary))
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
      try ResultRecord.encoder().encode(build).write(
        to: URL(fileURLWithPath: draft + "/build.json"))
      if files.fileExists(atPath: place) {
        let old = "\(folder)/.old-\(build.name)-\(UUID().uuidString)"
        try files.moveItem(atPath: place, toPath: old)
        try files.moveItem(atPath: draft, toPath: place)
        try? files.removeItem(atPath: old)
      } else {
        try files.moveItem(atPath: draft, toPath: place)
      }
    } catch {
      throw HistoryError(
        .cannotWrite,
        "the baseline '\(build.name)' cannot be written in '\(folder)' "
          + "(\(error.localizedDescription)); make room or name another place with --database")
    }
  }

  /// Removes a baseline.
  ///
  /// - Throws: `HistoryError.absent` where there is none of that name.
  package func remove(_ name: String) throws {
    let place = "\(folder)/\(name)"
    guard Self.isName(name), FileManager.default.fileExists(atPath: place) else {
      _ = try build(name)
      return
    }
    do {
      try FileManager.default.removeItem(atPath: place)
    } catch {
      throw HistoryError(
        .cannotWrite, "the baseline '\(name)' in '\(place)' cannot be removed: no permission")
    }
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.first, first != ".", name.count <= 100 else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }
}

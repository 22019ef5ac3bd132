import Basics
import CRecords
import Foundation

/// The project's tables, curves and claims: the files of `Sources/Economics/Data`, compiled in,
/// each replaceable by a file of the same name from a folder (`--claims DIR`).
package struct Records: Sendable {
  package var tables: [String: Table] = [:]
  /// The claim files, by name, as they stand.
  package var claimFiles: [String: Data] = [:]
  /// Where the data comes from, in words: `compiled in`, or the folder that overrides it.
  package let origin: String

  /// What is compiled in.
  ///
  /// It is a program's error if this data cannot be read, which the tests rule out.
  package static let builtIn: Records = {
    do {
      return try Records(overriding: [:], origin: "compiled in")
    } catch {
      preconditionFailure("data compiled in cannot be read: \(error)")
    }
  }()

  /// The data compiled in with the files of a folder put in their place.
  ///
  /// - Parameter folder: May hold any of the data files; those that it lacks stay as compiled in.
  /// - Throws: `Problem` where the folder or a file cannot be read, or holds none of the files.
  package init(folder: URL) throws {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw Problem(
        .absent, "there is no readable folder '\(folder.path)'; --claims takes a folder of data.")
    }
    let known = names.filter { Self.builtInFiles[$0] != nil || $0.hasPrefix("claims-") }
    guard !known.isEmpty else {
      throw Problem(
        .absent,
        "'\(folder.path)' holds none of the data files; --claims expects names such as "
          + "'claims-training.json' or 'cloud_prices.csv'.")
    }
    var files: [String: Data] = [:]
    for name in known {
      do {
        files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
      } catch {
        throw Problem(.malformed, "cannot read '\(folder.path)/\(name)'.")
      }
    }
    try self.init(overriding: files, origin: folder.path)
  }

  private init(overriding files: [String: Data], origin: String) throws {
    self.origin = origin
    for (name, data) in Self.builtInFiles.merging(files, uniquingKeysWith: { $1 }) {
      if name.hasSuffix(".csv") {
        let stem = String(name.dropLast(4))
        tables[stem] = try Table(name: stem, csv: data)
      } else {
        claimFiles[name] = data
      }
    }
  }

  package static let builtInFiles: [String: Data] = {
    var files: [String: Data] = [:]
    for index in 0..<record_file_count() {
      let file = record_file_at(index)
      files[String(cString: file.name)] = Data(bytes: file.bytes, count: file.count)
    }
    return files
  }()

  /// The table of that name.
  ///
  /// - Throws: `Problem` naming the nearest table where there is none.
  package func table(_ name: String) throws -> Table {
    guard let table = tables[name] else {
      let hint = NearestNames.hint(to: name, among: Array(tables.keys))
      throw Problem(.absent, "there is no table '\(name)'.\(hint)")
    }
    return table
  }

  /// An accelerator's highest figure in a column; sources differ in the clock that they assume.
  func acceleratorPeak(_ device: String, _ column: String) throws -> Double? {
    let table = try table("accelerator_peaks")
    return table.rows.indices.filter { table.text($0, "device") == device }
      .compactMap { table.number($0, column) }.max()
  }
}

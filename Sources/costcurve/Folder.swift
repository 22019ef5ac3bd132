import Basics
import Foundation

/// Folders that commands write into.
enum Folder {
  /// Makes a folder and those above it.
  ///
  /// - Throws: `Problem` of kind `cannotWrite` with that hint.
  static func make(_ path: String, hint: String = "") throws(Problem) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Problem(.cannotWrite, "cannot make the folder '\(path)'\(hint).")
    }
  }
}

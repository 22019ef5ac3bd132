import Foundation

/// A file that a path of `--calibration` names.
struct CalibrationFile {
  /// The input of the model that it is for, where the path says that.
  var input = ""
  /// Where it is; there may be none.
  var path: String

  /// The file of a path, or those of a folder in the order of their names; of `NAME=FILE` the file.
  ///
  /// - Parameter path: As the command line has it.
  /// - Returns: At least one, but for an empty folder.
  static func all(_ path: String) -> [CalibrationFile] {
    let manager = FileManager.default
    if let names = try? manager.contentsOfDirectory(atPath: path) {
      return names.sorted().map { CalibrationFile(path: "\(path)/\($0)") }
    }
    let parts = path.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, !manager.fileExists(atPath: path) else {
      return [CalibrationFile(path: path)]
    }
    return [CalibrationFile(input: parts[0], path: parts[1])]
  }
}

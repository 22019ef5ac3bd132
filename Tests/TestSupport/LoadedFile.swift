import Foundation

/// Libraries that the tests' own process has loaded.
package enum LoadedFile {
  /// The path of the first whose name begins so, by the kernel's list.
  package static func path(of name: String) -> String? {
    // Read to its end, piece by piece: such a file says of itself that it is empty.
    guard let data = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() else {
      return nil
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.contains("/\(name)") }
      .flatMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
  }
}

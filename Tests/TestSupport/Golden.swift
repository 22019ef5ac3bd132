import Foundation

/// Texts kept beside the tests that made them.
///
/// With `REGENERATE=1` in the environment a comparison writes what it was given and passes; the
/// difference is then read in the version control system, by a person.
package enum Golden {
  /// Compares `text` with the kept file.
  ///
  /// - Parameters:
  ///   - text: What was made now.
  ///   - name: Name of the file in the folder `Golden` next to the test.
  ///   - test: Path of the test's source file.
  /// - Returns: Nil when equal; otherwise a sentence that names the first line that differs.
  package static func difference(
    _ text: String, from name: String, test: String = #filePath
  ) -> String? {
    let folder = URL(fileURLWithPath: test).deletingLastPathComponent()
      .appendingPathComponent("Golden")
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return nil
      } catch {
        return "cannot write \(name): \(error.localizedDescription)"
      }
    }
    guard let data = try? Data(contentsOf: file) else {
      return "there is no \(name); make it with REGENERATE=1 and read it before keeping it"
    }
    let kept = String(decoding: data, as: UTF8.self)
    guard kept != text else { return nil }
    let old = kept.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let number = line ?? min(old.count, new.count)
    let before = number < old.count ? String(old[number].prefix(200)) : "(end)"
    let after = number < new.count ? String(new[number].prefix(200)) : "(end)"
    return "\(name), line \(number + 1): kept \(before) | made \(after)"
  }
}

import Formats

/// Checks on a place to write to.
enum OutputFile {
  /// Refuses a place that cannot be written, before anything is computed for it.
  ///
  /// - Throws: `FileError` of kind `cannotWrite`.
  static func refuseUnwritable(_ path: String) throws {
    _ = try AtomicFile(path: path)
  }
}

import Foundation

/// The two streams: data goes to standard output, everything else to standard error.
enum Console {
  /// Whether standard error is a terminal that a person watches.
  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  /// Whether standard output is a terminal.
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
  /// Columns of the terminal, or nil where there is none.
  static var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes one line for people; never data.
  static func error(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// Writes data to standard output as it is.
  ///
  /// - Throws: `Failure.cannotWrite` when the reader has gone or the disk is full.
  static func write(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw Failure(.cannotWrite, "cannot write to standard output: \(error.localizedDescription)")
    }
  }
}

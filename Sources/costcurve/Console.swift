import Basics
import Foundation

/// The two streams: data goes to standard output, everything else to standard error.
enum Console {
  /// Whether standard error is a terminal that a person watches.
  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  /// Whether standard output is a terminal.
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
  /// Columns that text may have.
  static let width = columns ?? 100
  /// Columns of the terminal as it is now; nil where there is none.
  static var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes one line for people; never data.
  static func error(_ line: String) { show(line + "\n") }

  /// Writes text for people as it is, such as a line that is drawn anew.
  ///
  /// What cannot be said is left unsaid: a full disk, a closed stream, a reader or a terminal that
  /// has gone must not end the work that it would have been about.
  static func show(_ text: String) { _ = put(text, to: STDERR_FILENO) }

  /// Writes data to standard output as it is.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`; without a sentence where the reader has gone, as
  ///   `head` does.
  static func write(_ text: String) throws {
    let code = put(text, to: STDOUT_FILENO)
    guard code != 0 else { return }
    if code == EPIPE { throw Problem(.cannotWrite) }
    throw Problem(
      .cannotWrite, "cannot write to standard output: \(String(cString: strerror(code))).")
  }

  /// Writes all of a text; 0, or the reason why not.
  private static func put(_ text: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else if written < 0, errno == EAGAIN {
        // Whoever shares the stream with us has made it return at once; its reader needs time.
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&watched, 1, 1000)
      } else if written == 0 || errno != EINTR {
        return written == 0 ? EIO : errno
      }
    }
    return 0
  }
}

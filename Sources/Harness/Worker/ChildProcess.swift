import Basics
import CShims
import Foundation

/// A child in its own process group, with pipes to its input and from its output.
///
/// It is killed, with all that it started, when this value goes or when the thread that made it
/// ends, whichever comes first; so make it and use it on a thread that lives as long.
final class ChildProcess {
  let pid: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  private var pending: [UInt8] = []
  private var status: Int32?

  /// Why a line could not be had.
  enum ReadFailure: Error { case ended, timedOut, cancelled }

  init(_ launch: WorkerLaunch) throws(Problem) {
    var (down, up): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard costcurve_pipe(&down) == 0 else {
      throw .cannotStart(executable: launch.executable, reason: Self.text(errno))
    }
    guard costcurve_pipe(&up) == 0 else {
      let reason = Self.text(errno)
      down.forEach { close($0) }
      throw .cannotStart(executable: launch.executable, reason: reason)
    }
    let memory = costcurve_memory_file("costcurve-worker-errors")
    let errors = memory >= 0 ? memory : open("/dev/null", O_RDWR | O_CLOEXEC)
    (input, output, self.errors) = (down[1], up[0], errors)
    var reason: Int32 = 0
    let words = [launch.executable] + launch.arguments
    let cpus = (launch.cpus ?? []).map { Int32($0) }
    pid = Self.withCStrings(words) { argv in
      Self.withCStrings(launch.environmentStrings()) { envp in
        costcurve_spawn(
          launch.executable, argv, envp, down[0], up[1], errors, cpus, Int32(cpus.count), &reason)
      }
    }
    close(down[0])
    close(up[1])
    guard pid > 0 else {
      // All properties are set, so `deinit` runs and closes; there is nobody for it to kill.
      status = 0
      throw .cannotStart(executable: launch.executable, reason: Self.text(reason))
    }
  }

  deinit {
    if status == nil { kill() }
    [input, output, errors].forEach { close($0) }
  }

  /// Writes one line; false when the child no longer reads.
  func send(_ line: String) -> Bool {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      bytes = bytes.dropFirst(written)
    }
    return true
  }

  /// The next line of the child's output, looking at `cancel` ten times a second.
  ///
  /// - Parameters:
  ///   - timeoutSeconds: Seconds that the line may take.
  ///   - cancel: Ends the wait.
  ///   - waiting: Called as often while there is no line.
  /// - Returns: The line without its end, or why there is none.
  func readLine(
    timeoutSeconds: Double, cancel: CancelFlag?, waiting: () -> Void = {}
  ) -> Result<Data, ReadFailure> {
    let deadline = Double(Clock.now()) * 1e-9 + timeoutSeconds
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let end = pending.firstIndex(of: 10) {
        let line = Data(pending[..<end])
        pending.removeFirst(end + 1)
        return .success(line)
      }
      if cancel?.isCancelled == true { return .failure(.cancelled) }
      let left = deadline - Double(Clock.now()) * 1e-9
      if left <= 0 { return .failure(.timedOut) }
      var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let ready = poll(&watched, 1, Int32(min(100, max(1, left * 1000))))
      if ready <= 0 {
        waiting()
        continue
      }
      let got = read(output, &chunk, chunk.count)
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return .failure(.ended) }
      pending.append(contentsOf: chunk[..<got])
    }
  }

  /// Stops all threads of the child and its own children.
  func suspend() { _ = Foundation.kill(-pid, SIGSTOP) }

  func resume() { _ = Foundation.kill(-pid, SIGCONT) }

  /// Kills the whole group and collects the child.
  func kill() {
    _ = Foundation.kill(-pid, SIGKILL)
    _ = wait(timeoutSeconds: 5)
  }

  /// Whether it has ended and been collected, with exit code 0.
  var succeeded: Bool { status == 0 }

  /// Asks the whole group to stop, as Ctrl-C does, and kills what is left of it when the child has
  /// gone, or after half a second.
  func interrupt() {
    _ = Foundation.kill(-pid, SIGINT)
    _ = wait(timeoutSeconds: 0.5)
    // A shell's background commands ignore the question and outlive the shell.
    kill()
  }

  /// Collects the child if it ends in time; its status as words.
  func wait(timeoutSeconds: Double) -> String? {
    let deadline = Double(Clock.now()) * 1e-9 + timeoutSeconds
    while status == nil {
      var raw: Int32 = 0
      let ended = waitpid(pid, &raw, WNOHANG)
      if ended == pid || (ended < 0 && errno == ECHILD) {
        status = raw
      } else if Double(Clock.now()) * 1e-9 > deadline {
        return nil
      } else {
        usleep(500)
      }
    }
    guard let status else { return nil }
    let signal = status & 0x7F
    if signal == 0 { return "it exited with code \((status >> 8) & 0xFF)" }
    return "killed by signal \(signal) (\(String(cString: strsignal(signal))))"
  }

  /// The end of what the child wrote to its standard error.
  func lastWords() -> String {
    let size = lseek(errors, 0, SEEK_END)
    guard size > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: Int(min(size, 800)))
    let got = pread(errors, &bytes, bytes.count, size - off_t(bytes.count))
    guard got > 0 else { return "" }
    return String(decoding: bytes[..<got], as: UTF8.self)
      .split(separator: "\n").suffix(4).joined(separator: " | ")
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("an empty argument list") }
      return body(UnsafePointer(base))
    }
  }
}

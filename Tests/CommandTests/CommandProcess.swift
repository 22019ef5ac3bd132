import Foundation
import TestSupport

/// A run of the binary that was built beside the tests.
struct CommandProcess {
  /// The exit code; 128 and the signal's number where one ended it.
  let status: Int32
  /// All of standard output.
  let output: String
  /// All of standard error.
  let errors: String

  /// Runs `costcurve` to its end, or kills it.
  ///
  /// - Parameters:
  ///   - arguments: Without the program's name.
  ///   - program: Another program, such as a shell that makes a place for `costcurve` first.
  ///   - environment: Variables beside those of the tests, of which OpenBLAS's are left out.
  ///   - timeout: Seconds until it is killed, which shows as status 137.
  ///   - directory: Where it runs; the tests' own folder unless given.
  ///   - fileBlocks: No file may grow beyond so many blocks of 512 bytes: a full disk, for root too.
  /// - Throws: What starting a process throws, above all when the binary is not there.
  init(
    _ arguments: [String], of program: String? = nil, environment: [String: String] = [:],
    timeout: Double = 60, directory: String? = nil, fileBlocks: Int? = nil
  ) throws {
    self = try Running(
      arguments, of: program, environment: environment, directory: directory,
      fileBlocks: fileBlocks
    ).result(timeout: timeout)
  }

  private init(status: Int32, output: String, errors: String) {
    (self.status, self.output, self.errors) = (status, output, errors)
  }

  /// One that is still going on, so that it can be sent a signal.
  struct Running {
    private let process = Process()
    private let streams: TemporaryDirectory

    /// The tests' own variables but those of OpenBLAS, about which `costcurve` has a word to say.
    private static let inherited = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("OPENBLAS_")
    }

    /// Starts it; the parameters are those of a `CommandProcess`.
    init(
      _ arguments: [String], of program: String? = nil, environment: [String: String] = [:],
      directory: String? = nil, fileBlocks: Int? = nil
    ) throws {
      streams = try TemporaryDirectory()
      let binary = try program ?? CommandProcess.binary().path
      process.executableURL = URL(fileURLWithPath: fileBlocks == nil ? binary : "/bin/sh")
      process.arguments =
        fileBlocks.map { ["-c", "ulimit -f \($0) && exec \"$0\" \"$@\"", binary] + arguments }
        ?? arguments
      process.environment = Self.inherited.merging(environment) { $1 }
      if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
      process.standardOutput = try FileHandle(
        forWritingTo: URL(fileURLWithPath: try streams.file("out", Data())))
      process.standardError = try FileHandle(
        forWritingTo: URL(fileURLWithPath: try streams.file("err", Data())))
      process.standardInput = FileHandle.nullDevice
      // Threads of the tests block signals, and what they start would inherit it: a launcher that
      // does not unblock them is deaf to SIGTERM.
      var (none, own) = (sigset_t(), sigset_t())
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, &own)
      defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
      try process.run()
    }

    /// Sends it a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until it has said something on standard error.
    ///
    /// - Parameters:
    ///   - words: Part of that.
    ///   - timeout: Seconds to wait at most.
    /// - Returns: Whether it has.
    /// - Throws: What reading its stream throws.
    func hasSaid(_ words: String, within timeout: Double) throws -> Bool {
      let deadline = Date(timeIntervalSinceNow: timeout)
      while try !text("err").contains(words) {
        guard Date() < deadline else { return false }
        usleep(20_000)
      }
      return true
    }

    /// Waits for its end, or kills it after `timeout` seconds.
    func result(timeout: Double = 60) throws -> CommandProcess {
      // It stays queued after its cancelling, so it must hold nothing: the streams' folder would
      // outlive the tests.
      let pid = process.processIdentifier
      let watchdog = DispatchWorkItem { kill(pid, SIGKILL) }
      DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: watchdog)
      process.waitUntilExit()
      watchdog.cancel()
      return CommandProcess(
        status: process.terminationReason == .exit
          ? process.terminationStatus : 128 + process.terminationStatus,
        output: try text("out"), errors: try text("err"))
    }

    private func text(_ name: String) throws -> String {
      String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: streams.path(name))), as: UTF8.self)
    }
  }

  /// Where a program lies on the PATH; nil for nowhere.
  static func path(of program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The binary in the folder of the test bundle.
  static func binary() throws -> URL {
    var folder = Bundle.main.executableURL?.deletingLastPathComponent()
    for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
      folder = bundle.bundleURL.deletingLastPathComponent()
    }
    guard let binary = folder?.appendingPathComponent("costcurve"),
      FileManager.default.isExecutableFile(atPath: binary.path)
    else { throw CocoaError(.fileNoSuchFile) }
    return binary
  }
}

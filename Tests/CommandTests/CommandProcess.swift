import Foundation

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
  ///   - environment: Variables beside those of the tests.
  ///   - timeout: Seconds until it is killed, which shows as status 137.
  ///   - directory: Where it runs; the tests' own folder unless given.
  ///   - fileBlocks: No file may grow beyond so many blocks of 512 bytes: a full disk, for root too.
  /// - Throws: What starting a process throws, above all when the binary is not there.
  init(
    _ arguments: [String], of program: String? = nil, environment: [String: String] = [:],
    timeout: Double = 60, directory: String? = nil, fileBlocks: Int? = nil
  ) throws {
    let process = Process()
    let binary = try program ?? CommandProcess.binary().path
    process.executableURL = URL(fileURLWithPath: fileBlocks == nil ? binary : "/bin/sh")
    process.arguments =
      fileBlocks.map { ["-c", "ulimit -f \($0) && exec \"$0\" \"$@\"", binary] + arguments }
      ?? arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("costcurve-streams-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (out, err) = (folder.appendingPathComponent("out"), folder.appendingPathComponent("err"))
    for file in [out, err] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: watchdog)
    process.waitUntilExit()
    watchdog.cancel()
    status =
      process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
    output = String(decoding: try Data(contentsOf: out), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: err), as: UTF8.self)
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

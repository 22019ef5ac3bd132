import Foundation
import TestSupport
import Testing

/// Standard streams that cannot be used: what cannot be said never ends the work, and what cannot be
/// delivered is no success.
@Suite struct StandardStreamsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func start(_ script: String) throws -> CommandProcess.Running {
    try CommandProcess.Running(
      ["-c", script], of: "/bin/sh", environment: ["B": CommandProcess.binary().path],
      directory: directory.root)
  }

  private func shell(_ script: String) throws -> CommandProcess {
    try start(script).result(timeout: 240)
  }

  private static let kernel =
    "\"$B\" kernels --filter '^gemm/256x256x256/t1/native$' --quick --duration 20ms --no-save"

  /// Beside other tests the peak may be too low for the rate, which is refused then.
  private static let measured: Set<String> = ["0", "7"]

  /// A training of 3 epochs on a few images.
  private func training() throws -> String {
    let data = directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(300, size: 8, seed: 1), IDXFiles.twoKinds(50, size: 8, seed: 2), size: 8,
      to: data)
    return "\"$B\" train --dataset fashion-mnist --data data --epochs 3 --run-directory run"
  }

  private func epochs() throws -> Int {
    let table = try Data(contentsOf: URL(fileURLWithPath: directory.path("run/epochs.tsv")))
    return TrainDatasetTests.curve(table).count - 1
  }

  @Test(arguments: ["2>/dev/full", "2>&-", "2>&- <&-", "2>&- >&- <&-"])
  func aRefusalKeepsItsCode(streams: String) throws {
    let run = try shell("\"$B\" predict --weights nope --input nope -o o.npy \(streams); echo $?")
    #expect(run.output == "5\n", "\(run.errors)")
    let usage = try shell("\"$B\" predict --nonsense \(streams); echo $?")
    #expect(usage.output == "64\n", "\(usage.errors)")
  }

  @Test func measuresWithoutStandardStreams() throws {
    let closings = ["<&-", "<&- >&-", "<&- >&- 2>&-", ">&- 2>&-", "2>&-", "2>/dev/full"]
    // All at once: most of the time of each is the look at the machine.
    let runs = try closings.indices.map {
      try start("\(Self.kernel) --format csv -o \($0).csv \(closings[$0]); echo $?")
    }
    for (index, streams) in closings.enumerated() {
      let run = try runs[index].result(timeout: 240)
      #expect(
        Self.measured.contains(run.output.trimmingCharacters(in: .newlines)),
        "\(streams): \(run.output)\(run.errors)")
      let table = try String(contentsOfFile: directory.path("\(index).csv"), encoding: .utf8)
      #expect(table.contains("gemm/256x256x256/t1/native"), "\(streams)")
    }
  }

  @Test(arguments: ["2>/dev/full", "2>&-"])
  func aTrainingOutlivesItsLog(streams: String) throws {
    let run = try shell("\(training()) \(streams); echo $?")
    #expect(run.output.hasSuffix("\n0\n"), "\(run.output)\(run.errors)")
    #expect(try epochs() == 3)
  }

  @Test func aTrainingOutlivesTheReaderOfItsLog() throws {
    let run = try shell("{ \(training()) 2>&1 >out; echo $? >code; } | true; cat code out")
    #expect(run.output.hasPrefix("0\n"), "\(run.output)\(run.errors)")
    #expect(try epochs() == 3)
  }

  @Test func aTrainingOutlivesItsTerminalAndAnIgnoredHangup() throws {
    // A terminal of its own: `held` is the side of the program, and its reader is the other.
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (number, unlocked): (UInt32, Int32) = (0, 0)
    try #require(ioctl(terminal, 0x8004_5430, &number) == 0)  // TIOCGPTN
    try #require(ioctl(terminal, 0x4004_5431, &unlocked) == 0)  // TIOCSPTLCK
    let name = "/dev/pts/\(number)"
    let held = open(name, O_RDWR | O_NOCTTY)
    let running = try CommandProcess.Running(
      ["-c", "trap '' HUP; exec \(try training()) 2>'\(name)'"], of: "/bin/sh",
      environment: ["B": CommandProcess.binary().path], directory: directory.root)
    let deadline = Date(timeIntervalSinceNow: 60)
    while (try? epochs()) == nil, Date() < deadline { usleep(5_000) }
    running.send(SIGHUP)
    close(held)
    close(terminal)
    let run = try running.result(timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try epochs() == 3)
  }

  @Test(arguments: ["claims list", "--help", "run --help", "--version", "list networks"])
  func aReaderThatHasGoneEndsItQuietlyWithSix(arguments: String) throws {
    // The reader ends before the first word is written.
    let run = try shell(
      "{ sleep 0.3; \"$B\" \(arguments); echo $? >code; } | true; cat code")
    #expect(run.output == "6\n", "\(run.output)")
    #expect(run.errors.isEmpty, "\(run.errors)")
  }

  @Test(arguments: [">/dev/full", ">&-"], ["claims list", "--help", "--version"])
  func whatCannotBeDeliveredEndsWithSix(stream: String, arguments: String) throws {
    let run = try shell("{ \"$B\" \(arguments) \(stream); } 2>err; echo $?; cat err")
    #expect(run.output.hasPrefix("6\ncostcurve: cannot write to standard output"), "\(run.output)")
  }
}

import Foundation
import Harness
import History
import TestSupport
import Testing

/// What can happen to the files of the history: nothing that was recorded is lost, and the user
/// gets a sentence that says what to do.
struct HistoryFaultTests {
  private let directory: TemporaryDirectory
  private var database: String { directory.path("h.sqlite") }

  init() throws { directory = try TemporaryDirectory() }

  /// A file system of one's own, which needs no privilege where users may have name spaces.
  private static let mounts: Bool =
    (try? CommandProcess(["-rm", "mount", "-t", "tmpfs", "t", "/mnt"], of: "/usr/bin/unshare"))?
    .status == 0

  private func history(_ arguments: String...) throws -> CommandProcess {
    try CommandProcess(["history"] + arguments + ["--database", database])
  }

  /// The result of a run at `second`, `bytes` long in its arguments.
  private func result(_ second: Int, bytes: Int = 10) throws -> String {
    let context = Context.sample(
      date: "2026-01-01T00:00:\(second < 10 ? "0" : "")\(second)Z",
      arguments: [String(repeating: "x", count: bytes)])
    let data = try ResultRecord.encoder().encode(ResultRecord(context: context))
    return try directory.file("run\(second).json", data)
  }

  private func shell(_ script: String, mounting: Bool = false) throws -> CommandProcess {
    let environment = [
      "B": try CommandProcess.binary().path, "D": directory.root, "DB": database,
    ]
    return try mounting
      ? CommandProcess(
        ["-rm", "/bin/sh", "-c", script], of: "/usr/bin/unshare", environment: environment)
      : CommandProcess(["-c", script], of: "/bin/sh", environment: environment)
  }

  @Test(.enabled(if: mounts, "no name spaces for users here")) func aFullDisk() throws {
    _ = try result(1)
    _ = try result(2, bytes: 400_000)
    let outcome = try shell(
      """
      mkdir "$D/small" && mount -t tmpfs -o size=300k t "$D/small" || exit 99
      "$B" history import "$D/run1.json" --database "$D/small/h.sqlite" || exit 98
      "$B" history import "$D/run2.json" --database "$D/small/h.sqlite"; code=$?
      "$B" history list --format csv --database "$D/small/h.sqlite"
      exit $code
      """, mounting: true)
    #expect(outcome.status == 6, "\(outcome.errors)")
    #expect(outcome.errors.contains("is full; make room and repeat"))
    #expect(outcome.output.contains("2026-01-01T00:00:01Z"), "what was recorded before is lost")
    #expect(!outcome.output.contains("2026-01-01T00:00:02Z"))
  }

  @Test(.enabled(if: mounts, "no name spaces for users here")) func filesOnAFullDisk() throws {
    let outcome = try shell(
      """
      mkdir "$D/small" && mount -t tmpfs -o size=16k t "$D/small" || exit 99
      "$B" claims list --format json -o "$D/small/claims.json"; code=$?
      ls -A "$D/small"; exit $code
      """, mounting: true)
    #expect(outcome.status == 6, "\(outcome.errors)")
    #expect(outcome.errors.contains("free some space or name another disk"))
    #expect(outcome.output.isEmpty, "half a file was left behind: \(outcome.output)")
  }

  @Test(.enabled(if: mounts, "no name spaces for users here")) func aReadOnlyFileSystem() throws {
    _ = try result(1)
    _ = try result(2)
    // Read-only holds for root too, unlike permissions.
    let outcome = try shell(
      """
      "$B" history import "$D/run1.json" --database "$DB" || exit 98
      mount --bind "$D" "$D" && mount -o remount,bind,ro "$D" || exit 99
      "$B" history list --database "$DB"; echo "list $?"
      "$B" history import "$D/run2.json" --database "$DB"; echo "import $?"
      "$B" history import "$D/run2.json" --database "$D/other.sqlite"; echo "new $?"
      "$B" baseline save main --database "$DB" --filter '^gemm/256x'; echo "baseline $?"
      "$B" claims audit -o "$D/audit.txt"; echo "file $?"
      "$B" run --smoke --output-folder "$D"; echo "run $?"
      """, mounting: true)
    let codes = outcome.output.split(separator: "\n").filter { $0.wholeMatch(of: /\w+ \d+/) != nil }
    #expect(
      codes == ["list 0", "import 6", "new 6", "baseline 6", "file 6", "run 6"], "\(outcome.errors)"
    )
    #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("costcurve: ") } >= 5)
    #expect(outcome.output.contains("1 of 1 run,"))
    #expect(try history("list").output.contains("1 of 1 run,"))
  }

  @Test func aLimitOnFileSizesIsNoDeathBySignal() throws {
    _ = try result(1)
    _ = try result(2, bytes: 400_000)
    let outcome = try shell(
      """
      "$B" history import "$D/run1.json" --database "$DB" || exit 98
      ulimit -f 128
      "$B" history import "$D/run2.json" --database "$DB"
      """)
    #expect(outcome.status == 6, "\(outcome.errors)")
    #expect(outcome.errors.contains("--database"))
    let file = try shell("ulimit -f 8; \"$B\" claims list --format json -o \"$D/claims.json\"")
    #expect(file.status == 6)
    #expect(file.errors.contains("ulimit -f"))
    #expect(try history("list").output.contains("1 of 1 run,"))
    #expect(try history("import", directory.path("run2.json")).status == 0)
  }

  @Test func aDamagedDatabaseIsNamedAndLeftAsItIs() throws {
    for second in 1...9 {
      #expect(try history("import", try result(second, bytes: 4000)).status == 0)
    }
    var data = try Data(contentsOf: URL(fileURLWithPath: database))
    let header = data
    // In the middle of the pages, then in the header.
    for range in [4096..<(data.count - 4096), 0..<100] {
      data = header
      data.replaceSubrange(range, with: Data(repeating: 0xA5, count: range.count))
      try data.write(to: URL(fileURLWithPath: database))
      let outcome = try history("list")
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("move it aside"), "\(outcome.errors)")
      let run = try CommandProcess([
        "kernels", "--filter", "^gemm/256x.*openblas", "--duration", "10ms", "--quick", "--threads",
        "1", "--database", database,
      ])
      #expect(run.status == 1, "a run that cannot be recorded must say so")
      #expect(try Data(contentsOf: URL(fileURLWithPath: database)).count == data.count)
    }
  }

  @Test func aDatabaseOfALaterVersionIsRefused() throws {
    #expect(try history("import", try result(1)).status == 0)
    try OtherVersions.makeLater(path: database)
    let outcome = try history("list")
    #expect(outcome.status == 9)
    #expect(outcome.errors.contains("written by a later costcurve"))
    #expect(try history("import", try result(2)).status == 9)
  }

  @Test func aBaselineThatSpeaksAnOlderProtocolIsRefused() throws {
    let worker = try ScriptedWorker.write("old", in: directory, ns: 1_000_000)
    let save = [
      "baseline", "save", "main", "--binary", worker, "--filter", "^gemm/256x", "--threads", "1",
      "--database", database,
    ]
    #expect(try CommandProcess(save).status == 0)
    let kept = BaselineStore(besideDatabase: database)
    let ancient = try ScriptedWorker.write("ancient", in: directory, ns: 1, protocolVersion: 0)
    try Data(contentsOf: URL(fileURLWithPath: ancient))
      .write(to: URL(fileURLWithPath: try kept.executable("main")))
    let outcome = try CommandProcess([
      "check", "--baseline", "main", "--database", database, "--processes", "1", "--pairs", "2",
    ])
    #expect(outcome.status == 9, "\(outcome.errors)")
    #expect(outcome.errors.contains("protocol 0"))
  }
}

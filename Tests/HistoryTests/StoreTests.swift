import Basics
import Foundation
import Harness
import History
import TestSupport
import Testing

@Suite struct StoreTests {
  @Test func keepsARunWithoutItsSamples() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("deep/down/history.sqlite"))
    let run = try store.add(RecordSample.record(), command: "kernels")
    let record = try store.record(of: run)
    #expect(record.cases[0].processes.isEmpty)
    #expect(record.cases[0].processMediansNs == [1000, 1000.5, 1001])
    #expect(record.cases[0].statistics == RecordSample.record().cases[0].statistics)
    #expect(try store.runs(limit: 10).map(\.command) == ["kernels"])
    #expect(try store.latestRun() == run)
  }

  @Test func theSameContentIsOneRun() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    let first = try store.add(RecordSample.record(), command: "run")
    #expect(try store.add(RecordSample.record(), command: "import") == first)
    #expect(try store.count() == 1)
    // What export wrote, with its samples gone already, is the same run too.
    #expect(try store.add(try store.record(of: first), command: "import") == first)
  }

  @Test func aDatabaseOfAnEarlierVersionIsBroughtUpToDate() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("h.sqlite")
    for day in 1...3 { try Store(path: path).add(RecordSample.record(day: day), command: "run") }
    try OtherVersions.makeEarlier(path: path)
    let store = try Store(path: path, mustExist: true)
    try store.add(RecordSample.record(day: 4), command: "run")
    #expect(try store.trend(of: "gemm/256x256x256/t1/native").points.map(\.run) == [1, 2, 3, 4])
    // It adds the column that the migration drops, which fails where that is there still.
    try OtherVersions.makeEarlier(path: path)
  }

  @Test func commitsAreFoundByRun() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    var record = RecordSample.record(day: 1)
    record.context.git = nil
    let bare = try store.add(record, command: "run")
    record.context.date = "2026-01-02T00:00:00Z"
    record.context.git = .init(commit: "abc", dirty: false)
    let committed = try store.add(record, command: "run")
    #expect(try store.commits(of: [bare, committed, 99]) == [committed: "abc"])
  }

  @Test func theLatestComeFirstAndPruningKeepsThem() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    for day in 1...9 { try store.add(RecordSample.record(day: day), command: "run") }
    #expect(
      try store.runs(limit: 2).map(\.date) == ["2026-01-09T00:00:00Z", "2026-01-08T00:00:00Z"])
    #expect(try store.prune(before: "2026-01-05", keep: 0) == 4)
    #expect(try store.prune(before: nil, keep: 2) == 3)
    #expect(try store.count() == 2)
    // The figures of a pruned run go with it.
    #expect(try store.trend(of: "gemm/256x256x256/t1/native").points.count == 2)
    #expect(try store.runs(limit: 9, matching: "gemm/").count == 2)
    #expect(try store.runs(limit: 9, matching: "infer/").isEmpty)
  }

  @Test func trendsNeverCrossMachines() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    for day in 1...6 { try store.add(RecordSample.record(day: day), command: "run") }
    try store.add(RecordSample.record(day: 7, ns: 500, cpu: "Other CPU"), command: "run")
    let latest = try store.trend(of: "gemm/256x256x256/t1/native")
    #expect(latest.points.count == 1)
    #expect(latest.leftOut == ["cpu: Test CPU against Other CPU"])
    let other = try #require(try store.machines(of: "gemm/256x256x256/t1/native").last)
    let trend = try store.trend(of: "gemm/256x256x256/t1/native", machine: other)
    #expect(trend.points.map(\.run) == [1, 2, 3, 4, 5, 6])
    #expect(trend.pieces.count == 1)
    #expect(throws: Problem.self) { try store.trend(of: "gemm/none") }
  }

  @Test func aStepIsFoundAndAcceptingItQuietsTheSurprise() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    let id = "gemm/256x256x256/t1/native"
    for hour in 0..<12 {
      try store.add(RecordSample.record(hour: hour, ns: 1000 + Double(hour % 3)), command: "run")
    }
    try store.add(RecordSample.record(day: 2, ns: 1300), command: "run")
    let before = try store.trend(of: id)
    #expect(before.isSuspect)
    #expect(before.pieces.count == 1, "one session is no step")
    try store.accept(
      caseID: id, machine: before.machine, date: "2026-01-01T23:00:00Z", note: "meant")
    #expect(try store.trend(of: id).isSuspect == false)
    for hour in 1...3 {
      try store.add(
        RecordSample.record(day: 2, hour: hour, ns: 1300 + Double(hour)), command: "run")
    }
    let after = try store.trend(of: id)
    #expect(after.pieces.map(\.range) == [0..<12, 12..<16])
    #expect(after.accepted == ["2026-01-01T23:00:00Z meant"])
  }

  /// What came up to the date of an accepted change says nothing of what is usual after it.
  @Test func onlyRunsAfterAnAcceptedChangeAreItsPast() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    let id = "gemm/256x256x256/t1/native"
    for hour in 0..<12 {
      try store.add(RecordSample.record(hour: hour, ns: 1000 + Double(hour % 3)), command: "run")
    }
    let mark = try #require(try store.trend(of: id).points.last).date
    try store.accept(
      caseID: id, machine: try store.trend(of: id).machine, date: mark, note: "meant")
    for hour in 0..<8 {
      try store.add(
        RecordSample.record(day: 2, hour: hour, ns: 1300 + Double(hour % 3)), command: "run")
    }
    #expect(try store.trend(of: id).surprise == nil, "seven runs before the latest are too few")
    try store.add(RecordSample.record(day: 2, hour: 9, ns: 1301), command: "run")
    #expect(try #require(try store.trend(of: id).surprise).magnitude < 1)
  }

  @Test func controlsComeBackByCaseAndMachine() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    #expect(try store.controls(of: "gemm", machine: "x").isEmpty)
  }

  // MARK: What can go wrong

  @Test func aMissingHistoryIsNamed() throws {
    let folder = try TemporaryDirectory()
    let error = #expect(throws: Problem.self) {
      try Store(path: folder.path("none.sqlite"), mustExist: true)
    }
    #expect(error?.kind == .absent)
    #expect(folder.names().isEmpty, "a reader made a file")
  }

  @Test func aFileThatIsNoDatabaseIsLeftAsItIs() throws {
    let folder = try TemporaryDirectory()
    let junk = Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let path = try folder.file("h.sqlite", junk)
    let error = #expect(throws: Problem.self) { try Store(path: path) }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains("move it aside") == true)
    #expect(FileManager.default.contents(atPath: path) == junk)
  }

  @Test func aDatabaseOfALaterVersionIsRefused() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("h.sqlite")
    _ = try Store(path: path).add(RecordSample.record(), command: "run")
    try OtherVersions.makeLater(path: path)
    let error = #expect(throws: Problem.self) { try Store(path: path) }
    #expect(error?.kind == .notComparable)
  }

  @Test(.disabled(if: getuid() == 0, "root writes anywhere"))
  func aReadOnlyFolderIsNamed() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.root)
    defer {
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.root)
    }
    let error = #expect(throws: Problem.self) { try Store(path: folder.path("h.sqlite")) }
    #expect(error?.kind == .cannotWrite)
  }

  @Test func aPathThroughAFileCannotBeWritten() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("plain", Data("x".utf8))
    let error = #expect(throws: Problem.self) { try Store(path: file + "/h.sqlite") }
    #expect(error?.kind == .cannotWrite)
  }

  @Test func aFullDiskIsNamed() throws {
    // /dev/full answers every write like a full disk, but is no file that SQLite takes; a page
    // limit gives the same SQLITE_FULL.
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    try store.add(RecordSample.record(day: 1), command: "run")
    try store.limitToPresentSize()
    let error = #expect(throws: Problem.self) {
      for day in 2...28 {
        for hour in 0..<24 {
          try store.add(RecordSample.record(day: day, hour: hour), command: "run")
        }
      }
    }
    #expect(error?.kind == .cannotWrite)
    #expect(error?.description.contains("full") == true)
    #expect(try store.record(of: 1).context.date == "2026-01-01T00:00:00Z")
  }
}

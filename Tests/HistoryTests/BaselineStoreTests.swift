import Basics
import Foundation
import Harness
import History
import Synchronization
import TestSupport
import Testing

@Suite struct BaselineStoreTests {
  private func build(_ name: String) -> BaselineStore.Build {
    BaselineStore.Build(
      name: name, saved: "2026-01-01T00:00:00Z", version: "costcurve test", protocol: 1, bytes: 3,
      machine: Fingerprint(RecordSample.record().context), git: nil,
      cases: [CaseRequest(id: "gemm/256x256x256/t1/native")])
  }

  @Test func savesTheExecutableAndItsRecord() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    let binary = try folder.file("binary", Data("#!/bin/sh\n".utf8))
    try store.save(build("main"), executable: binary)
    #expect(store.list() == [build("main")])
    let kept = try store.executable("main")
    #expect(FileManager.default.isExecutableFile(atPath: kept))
    #expect(FileManager.default.contents(atPath: kept) == Data("#!/bin/sh\n".utf8))

    // Saving again replaces it, and leaves no draft behind.
    let newer = try folder.file("newer", Data("new".utf8))
    try store.save(build("main"), executable: newer)
    #expect(FileManager.default.contents(atPath: kept) == Data("new".utf8))
    let left = try FileManager.default.contentsOfDirectory(atPath: store.folder)
    #expect(left == ["main"])
    try store.remove("main")
    #expect(store.list().isEmpty)
  }

  /// Whoever looks while a baseline is being replaced finds one, whole: also where a file system
  /// cannot exchange two folders.
  @Test(arguments: [true, false]) func isNeverAbsentWhileReplaced(exchanges: Bool) throws {
    let folder = try TemporaryDirectory()
    let store =
      exchanges
      ? BaselineStore(folder: folder.path("baselines"))
      : BaselineStore(folder: folder.path("baselines")) { _, _ in false }
    let binary = try folder.file("binary", Data(repeating: 7, count: 100_000))
    let build = build("main")
    try store.save(build, executable: binary)
    let isDone = Atomic<Bool>(false)
    let looks = Mutex<(good: Int, bad: Int)>((0, 0))
    let reader = Thread {
      repeat {
        let isThere = store.list().count == 1 && (try? store.build("main")) != nil
        looks.withLock { if isThere { $0.good += 1 } else { $0.bad += 1 } }
      } while !isDone.load(ordering: .acquiring)
      isDone.store(false, ordering: .releasing)
    }
    reader.start()
    for _ in 0..<100 { try store.save(build, executable: binary) }
    isDone.store(true, ordering: .releasing)
    while isDone.load(ordering: .acquiring) { usleep(1_000) }
    let (good, bad) = looks.withLock { $0 }
    #expect(bad == 0 && good > 0, "\(bad) of \(good + bad) looks found no whole baseline")
    let left = try FileManager.default.contentsOfDirectory(atPath: store.folder + "/main")
    #expect(left.count == 2 && left.contains("build.json"), "\(left)")
  }

  /// What a killed save has left is no baseline, and nor is half of one.
  @Test func onlyWhatIsWholeIsListed() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    let binary = try folder.file("binary", Data("x".utf8))
    for name in ["main", "half"] { try store.save(build(name), executable: binary) }
    let files = FileManager.default
    try files.copyItem(atPath: store.folder + "/main", toPath: store.folder + "/.draft-other")
    try files.removeItem(atPath: try store.executable("half"))
    #expect(store.list().map(\.name) == ["main"])
  }

  @Test func namesWhatIsNotThere() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    for attempt in [{ _ = try store.build("main") }, { try store.remove("main") }] {
      let error = #expect(throws: Problem.self) { try attempt() }
      #expect(error?.kind == .absent)
    }
  }

  @Test(arguments: ["../escape", ".hidden", "", "a/b", "a b"])
  func namesCannotLeaveTheFolder(name: String) throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    let binary = try folder.file("binary", Data("x".utf8))
    #expect(throws: Problem.self) { try store.save(build(name), executable: binary) }
    #expect(throws: Problem.self) { try store.executable(name) }
  }

  @Test func aDamagedBaselineSaysSo() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    try store.save(build("main"), executable: try folder.file("binary", Data("x".utf8)))
    try FileManager.default.removeItem(atPath: try store.executable("main"))
    let error = #expect(throws: Problem.self) { try store.build("main") }
    #expect(error?.kind == .malformed)
  }

  @Test func aMissingExecutableLeavesNothing() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    #expect(throws: Problem.self) {
      try store.save(build("main"), executable: folder.path("none"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: store.folder)
    #expect(left.isEmpty)
  }
}

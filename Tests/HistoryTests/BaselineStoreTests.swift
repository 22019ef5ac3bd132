import Foundation
import Harness
import History
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

  @Test func namesWhatIsNotThere() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    for attempt in [{ _ = try store.build("main") }, { try store.remove("main") }] {
      let error = #expect(throws: HistoryError.self) { try attempt() }
      #expect(error?.kind == .absent)
    }
  }

  @Test(arguments: ["../escape", ".hidden", "", "a/b", "a b"])
  func namesCannotLeaveTheFolder(name: String) throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    let binary = try folder.file("binary", Data("x".utf8))
    #expect(throws: HistoryError.self) { try store.save(build(name), executable: binary) }
    #expect(throws: HistoryError.self) { try store.executable(name) }
  }

  @Test func aDamagedBaselineSaysSo() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    try store.save(build("main"), executable: try folder.file("binary", Data("x".utf8)))
    try FileManager.default.removeItem(atPath: try store.executable("main"))
    let error = #expect(throws: HistoryError.self) { try store.build("main") }
    #expect(error?.kind == .malformed)
  }

  @Test func aMissingExecutableLeavesNothing() throws {
    let folder = try TemporaryDirectory()
    let store = BaselineStore(folder: folder.path("baselines"))
    #expect(throws: HistoryError.self) {
      try store.save(build("main"), executable: folder.path("none"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: store.folder)
    #expect(left.isEmpty)
  }
}

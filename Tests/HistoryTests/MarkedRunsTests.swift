import Basics
import Foundation
import Harness
import History
import TestSupport
import Testing

/// Runs that are not to be set beside others, runs that go, and machines of one name.
struct MarkedRunsTests {
  private let id = "gemm/256x256x256/t1/native"

  @Test(arguments: [
    (ResultRecord.Extent(preset: "default", processes: 5, interrupted: false), nil as String?),
    (.init(preset: "quick", processes: 1, interrupted: false), "single process"),
    (.init(preset: "smoke", processes: 1, interrupted: false), "smoke"),
    (.init(preset: "default", processes: 5, interrupted: true), "interrupted"),
    (.init(preset: "quick", processes: 1, interrupted: true), "interrupted, single process"),
    (.init(preset: nil, processes: 5, interrupted: nil), nil),
  ])
  func aRunIsMarkedForWhatItLacks(_ extent: ResultRecord.Extent, _ mark: String?) throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    try store.add(RecordSample.record(day: 1), command: "run")
    var record = RecordSample.record(day: 2, ns: 5000)
    record.extent = extent
    try store.add(record, command: "run")
    #expect(try store.runs(limit: 1).first?.mark == mark)
    #expect(try store.trend(of: id).points.count == (mark == nil ? 2 : 1))
    #expect(try store.trend(of: id, includingMarked: true).points.count == 2)
  }

  /// A case that speaks against itself is kept in its record, but is no figure of the history's.
  @Test func anInvalidCaseEntersNoTrend() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    try store.add(RecordSample.record(day: 1), command: "run")
    var record = RecordSample.record(day: 2, ns: 10)
    record.cases[0].validity = .init(ok: false, reasons: ["faster than the machine can"])
    let run = try store.add(record, command: "run")
    #expect(try store.record(of: run).cases[0].statistics != nil)
    #expect(try store.trend(of: id, includingMarked: true).points.map(\.run) == [1])
  }

  @Test func aRunCanBeRemoved() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    for day in 1...4 { try store.add(RecordSample.record(day: day), command: "run") }
    try store.remove([2, 3])
    #expect(try store.trend(of: id).points.map(\.run) == [1, 4])
    let error = #expect(throws: Problem.self) { try store.remove([1, 9]) }
    #expect(error?.kind == .absent)
    #expect(try store.count() == 2, "half a removal")
  }

  /// Two designs that are sold under one name are two machines; what was recorded before they were
  /// told apart goes on with the only one that it can be of.
  @Test func designsOfOneNameAreTwoMachines() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    func add(day: Int, model: Int?) throws -> String {
      var record = RecordSample.record(day: day)
      record.context.machine.model = model
      try store.add(record, command: "run")
      return Fingerprint(record.context).key
    }
    let before = try add(day: 1, model: nil)
    let zen4 = try add(day: 2, model: 17)
    #expect(before != zen4)
    #expect(try store.trend(of: id, machine: zen4).points.map(\.run) == [1, 2])
    #expect(try store.trend(of: id, machine: zen4).leftOut.isEmpty)
    let zen5 = try add(day: 3, model: 2)
    #expect(try store.trend(of: id, machine: zen4).points.map(\.run) == [2])
    let trend = try store.trend(of: id, machine: zen5)
    #expect(trend.points.map(\.run) == [3])
    #expect(trend.leftOut.contains { $0.contains("model 17") }, "\(trend.leftOut)")
  }

  /// A history of schema 1 has runs of other image sizes under one id; they part on the first look.
  @Test func olderRunsGetTheIdsThatTheyShouldHaveHad() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("h.sqlite")
    let plain = "infer/resnet50/b1/t2/native"
    func record(day: Int, size: Int, processes: Int) -> ResultRecord {
      var record = RecordSample.record(day: day, id: plain)
      record.schemaVersion = 1
      record.extent = nil
      record.cases[0].kind = .infer
      record.cases[0].parameters = [
        "input_size": .number(Double(size)), "classes": 1000, "weights": "seeded", "requests": 1,
      ]
      record.cases[0].processes.removeLast(3 - processes)
      return record
    }
    let olds = [(1, 224, 3), (2, 64, 3), (3, 224, 1), (4, 224, 3)].map {
      record(day: $0.0, size: $0.1, processes: $0.2)
    }
    for old in olds { try Store(path: path).add(old, command: "run") }
    try Store.pretendEarlierVersion(path: path)
    let store = try Store(path: path, mustExist: true)
    #expect(try store.trend(of: plain).points.map(\.run) == [1, 4])
    #expect(try store.trend(of: "infer/resnet50/b1/i64/t2/native").points.map(\.run) == [2])
    #expect(try store.runs(limit: 9).map(\.mark) == [nil, "single process", nil, nil])
    #expect(try store.record(of: 2).cases[0].batching == .single)
    // The same file once more is the same run still.
    #expect(try store.add(olds[1].current, command: "import") == 2)
  }
}

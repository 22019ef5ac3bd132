import Basics
import Foundation
import Harness
import History
import TestSupport
import Testing

struct RunJournalTests {
  private let folder: TemporaryDirectory
  private var path: String { folder.path(RunJournal.fileName) }
  private let head = RunJournal.Head(RecordSample.record().context, executable: "1")
  private let steps = (0..<4).map {
    MeasurementStep.probed(threads: 1, round: $0, flop: 2, samplesNs: [1, 2, 3])
  }

  init() throws { folder = try TemporaryDirectory() }

  private func write(_ count: Int) throws {
    let journal = try RunJournal(path: path, head: head)
    for step in steps.prefix(count) { journal.append(step) }
    #expect(journal.fault == nil)
  }

  @Test func whatWasNotedComesBack() throws {
    try write(3)
    var journal: RunJournal? = try RunJournal(resuming: path)
    #expect(journal?.head == head)
    #expect(journal?.steps == Array(steps.prefix(3)))
    journal?.goOn(at: "later")
    journal?.append(steps[3])
    journal?.keep(content: "abc")
    journal = nil
    let again = try RunJournal(resuming: path)
    #expect(again.steps == steps)
    #expect(again.resumed == ["later"])
    #expect(again.kept == "abc")
    again.remove()
    #expect(folder.names().isEmpty)
  }

  @Test func aLineThatAKillCutShortIsDroppedWhereverItWasCut() throws {
    try write(2)
    let whole = try #require(FileManager.default.contents(atPath: path))
    let lines = whole.split(separator: UInt8(ascii: "\n"))
    let begin = lines[0].count + 1 + lines[1].count + 1
    for length in begin..<whole.count {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      let journal = try RunJournal(resuming: path)
      #expect(journal.steps == [steps[0]])
      journal.append(steps[3])
      #expect(journal.fault == nil)
      if length % 16 == 0 {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 3, "cut at \(length)")
      }
    }
  }

  @Test func onlyOneRunWritesAtATime() throws {
    let journal = try RunJournal(path: path, head: head)
    for attempt in [
      { _ = try RunJournal(path: path, head: head) }, { _ = try RunJournal(resuming: path) },
    ] {
      let error = #expect(throws: Problem.self, performing: attempt)
      #expect(error?.kind == .cannotWrite)
      #expect(error?.description.contains("still going on") == true)
    }
    journal.append(steps[0])
    #expect(journal.fault == nil)
  }

  @Test func aChildThatWasForkedMeanwhileDoesNotKeepTheLock() throws {
    var journal: RunJournal? = try RunJournal(path: path, head: head)
    // What a fork leaves in its child until the child's exec: another descriptor of the open file.
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let own = try #require(
      descriptors.first {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
      })
    let copy = dup(try #require(Int32(own)))
    #expect(copy >= 0)
    defer { close(copy) }
    #expect(journal?.fault == nil)
    journal = nil
    _ = try RunJournal(resuming: path)
  }

  @Test func damageNewerVersionsAndAbsenceAreNamed() throws {
    let none = #expect(throws: Problem.self) { try RunJournal(resuming: path) }
    #expect(none?.kind == .absent)
    for text in ["", "nonsense\n", "{\"resumed\":{\"date\":\"x\"}}\n"] {
      _ = try folder.file(RunJournal.fileName, Data(text.utf8))
      let error = #expect(throws: Problem.self) { try RunJournal(resuming: path) }
      #expect(error?.kind == .malformed, "\(text)")
    }
    try write(3)
    var text = try String(contentsOfFile: path, encoding: .utf8)
    _ = try folder.file(
      RunJournal.fileName, Data(text.replacing("{\"finished\"", with: "{\"fnished\"").utf8))
    #expect(throws: Problem.self) { try RunJournal(resuming: path) }
    text = text.replacing("\"schemaVersion\":1", with: "\"schemaVersion\":2")
    _ = try folder.file(RunJournal.fileName, Data(text.utf8))
    let newer = #expect(throws: Problem.self) { try RunJournal(resuming: path) }
    #expect(newer?.kind == .notComparable)
  }

  @Test func whatMakesAnotherMachineOrBinaryIsNamed() {
    var other = head
    #expect(head.differences(from: other).isEmpty)
    other.executable = "2"
    other.environment = ["OPENBLAS_NUM_THREADS": "1"]
    other.machine = Fingerprint(RecordSample.record(cpu: "Other CPU").context)
    #expect(
      head.differences(from: other) == [
        "cpu: Test CPU against Other CPU", "the costcurve binary",
        "the variables OPENBLAS_NUM_THREADS",
      ])
  }

  @Test func whatWasLeftOutMakesNoOtherRun() {
    var context = RecordSample.record().context
    context.leftOut = ["OPENBLAS_CORETYPE": "Haswell"]
    #expect(head.differences(from: RunJournal.Head(context, executable: "1")).isEmpty)
  }

  @Test func aCompletedRunTakesThePlaceOfItsPart() throws {
    let store = try Store(path: folder.path("h.sqlite"))
    let part = try store.add(RecordSample.record(day: 1), command: "run")
    try store.add(RecordSample.record(day: 2), command: "run")
    let record = RecordSample.record(day: 3)
    let whole = try store.add(record, command: "run", completing: try store.content(of: part))
    #expect(
      try store.runs(limit: 9).map(\.date) == ["2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"])
    // The same again changes nothing.
    try store.add(record, command: "run", completing: try store.content(of: whole))
    #expect(try store.count() == 2)
    #expect(try store.trend(of: "gemm/256x256x256/t1/native").points.count == 2)
  }
}

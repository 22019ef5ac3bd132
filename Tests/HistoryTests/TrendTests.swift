import Harness
import History
import TestSupport
import Testing

/// When the latest run of a case asks for a look, and how far its level moved.
@Suite struct TrendTests {
  @Test(arguments: [(700, true), (1001, false), (1300, true)])
  func aSurpriseEitherWayAsksForALook(ns: Double, isSuspect: Bool) throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    for hour in 0..<12 {
      try store.add(RecordSample.record(hour: hour, ns: 1000 + Double(hour % 3)), command: "run")
    }
    try store.add(RecordSample.record(day: 2, ns: ns), command: "run")
    #expect(try store.trend(of: "gemm/256x256x256/t1/native").isSuspect == isSuspect)
  }

  @Test func theLastStepIsAShareOfTheLevelBeforeIt() throws {
    let folder = try TemporaryDirectory()
    let store = try Store(path: folder.path("h.sqlite"))
    for hour in 0..<15 {
      let level = hour < 5 ? 1000.0 : hour < 10 ? 2000 : 1500
      try store.add(
        RecordSample.record(hour: hour, ns: level + Double(hour % 3)), command: "run")
      let step = try store.trend(of: "gemm/256x256x256/t1/native").lastStep
      if hour < 5 { #expect(step == nil) }
      if hour == 14 { #expect(abs(try #require(step) + 0.25) < 0.01) }
    }
  }
}

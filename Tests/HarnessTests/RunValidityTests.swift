import Foundation
import Harness
import Testing

/// What a record may not say, and what it says instead.
@Suite struct RunValidityTests {
  /// Kernels with these shares of the peak on `threads`, and these peaks; that share is of the peak
  /// of all rounds, so that the fast samples have it too.
  private func record(
    _ shares: [Double], threads: Int = 2, peaks: [(Int, Double)] = [(1, 60), (2, 118)]
  ) -> ResultRecord {
    var record = RecordFixture.record
    record.peaks = peaks.map { .init(threads: $0.0, fmaGflops: $0.1, bandwidthGbPerS: nil) }
    record.cases = shares.enumerated().map { index, share in
      var item = RecordFixture.record.cases[0]
      item.id = "gemm/\(index)x8x8/t\(threads)/native"
      item.derived.percentOfPeak = share
      let peak = peaks.first { $0.0 == threads }?.1 ?? 1
      let executed = item.flop.executed
      item.statistics?.p05Ns = executed / (peak * share / 100)
      return item
    }
    return record
  }

  @Test func aShareIsShownUpToItsBoundOnly() {
    #expect(ShareOfPeak(98.2).text() == "98.2")
    #expect(ShareOfPeak(102).percent == 102)
    #expect(ShareOfPeak(102.01) == .disturbed)
    #expect(ShareOfPeak(.infinity) == .disturbed && ShareOfPeak(.nan) == .disturbed)
    #expect(ShareOfPeak(236).text() == "n/a (peak disturbed)")
    #expect(ShareOfPeak(50, isDisturbed: true).text() == "n/a (peak disturbed)")
    #expect(ShareOfPeak(nil).text() == "n/a")
    #expect(ShareOfPeak(rate: 51, ofPeak: 50) == .percent(102))
    #expect(ShareOfPeak(rate: 51, ofPeak: 0) == .disturbed)
  }

  @Test func aQuietRecordIsToldAsItIs() {
    let told = record([97, 88]).withholdingTheImpossible()
    #expect(told.validity == RunValidity(doubts: []))
    #expect(told.cases == record([97, 88]).cases && told.peaks == record([97, 88]).peaks)
  }

  @Test func oneShareAboveTheBoundIsWithheldAlone() {
    let told = record([97, 103]).withholdingTheImpossible()
    #expect(told.cases.map(\.shareOfPeak) == [.percent(97), .disturbed])
    #expect(told.cases[1].derived.percentOfPeak == nil)
    #expect(told.peaks.allSatisfy { !$0.isDisturbed })
  }

  /// A round whose probe was disturbed says nothing of the peak of all rounds.
  @Test func aShareFarAboveOneRoundsPeakIsWithheldAlone() {
    var record = record([97, 90])
    record.cases[1].derived.percentOfPeak = 150
    let told = record.withholdingTheImpossible()
    #expect(told.cases.map(\.shareOfPeak) == [.percent(97), .disturbed])
    #expect(told.peaks.allSatisfy { !$0.isDisturbed } && told.validity?.ok == true)
  }

  @Test func aShareFarAboveTheBoundTakesThePeakWithIt() throws {
    let told = record([97, 236]).withholdingTheImpossible()
    #expect(told.cases.map(\.shareOfPeak) == [.disturbed, .disturbed])
    #expect(told.peaks.map(\.fmaGflops) == [60, nil])
    #expect(told.peaks.map(\.disturbedFmaGflops) == [nil, 118])
    let validity = try #require(told.validity)
    #expect(!validity.ok && validity.doubts.count == 1)
    #expect(validity.doubts[0].sentence.contains("2 threads"))
    #expect(told.withholdingTheImpossible() == told)
    #expect(PeakShare.all(in: told).isEmpty)
  }

  /// What one thread does, two do at least.
  @Test func aPeakBelowThatOfFewerThreadsIsNone() {
    let told = record([80], peaks: [(1, 60), (2, 55)]).withholdingTheImpossible()
    #expect(told.peaks.map(\.isDisturbed) == [false, true])
    #expect(told.cases[0].shareOfPeak == .disturbed)
    // Two hardware threads of one core reach what one does, give or take the noise of a peak.
    let shared = record([80], peaks: [(1, 60), (2, 59.5)]).withholdingTheImpossible()
    #expect(shared.peaks.allSatisfy { !$0.isDisturbed } && shared.validity?.ok == true)
  }

  /// A probe whose loop was taken out by the compiler read 32 bytes an operation.
  @Test func nothingReadsFasterThanACoreLoads() {
    var record = record([80, 80])
    for (index, rate) in [700.0, 710].enumerated() {
      record.cases[index].id = "peak/read-l\(index + 1)/t2"
      record.cases[index].kind = .peak
      record.cases[index].derived.percentOfPeak = nil
      record.cases[index].derived.gbPerS = rate
    }
    let told = record.withholdingTheImpossible()
    #expect(told.cases.map(\.derived.gbPerS) == [700, nil])
    #expect(told.cases.map(\.validity.ok) == [true, false])
    #expect(told.cases[1].isImpossible && told.withholdingTheImpossible() == told)
  }

  /// What shares a core with a probe for all of its time makes its times slow and steady.
  @Test(arguments: [(19.0, false), (21.0, true)])
  func besideMuchOtherWorkThereIsNoPeak(others: Double, isDisturbed: Bool) {
    var record = record([80])
    record.context.noise.otherProcessesPercent = others
    let told = record.withholdingTheImpossible()
    #expect(told.peaks.allSatisfy { $0.isDisturbed == isDisturbed })
    #expect((told.cases[0].shareOfPeak == .disturbed) == isDisturbed)
    #expect(told.withholdingTheImpossible() == told)
  }

  @Test func aMedianIsDisturbedByWhatElseHadTheCPU() {
    var item = RecordFixture.record.cases[0]
    #expect(!item.hasDisturbedMedian)
    for index in item.processes.indices {
      item.processes[index].flags = (0..<10).map { $0 < 3 ? "preempt" : $0 < 5 ? "migrate" : "" }
    }
    #expect(item.disturbedSamplesPercent == 30)
    #expect(item.hasDisturbedMedian)
    // A call of a second is preempted for a moment on every machine.
    item.kind = .infer
    #expect(!item.hasDisturbedMedian)
    let fast = item.statistics?.p05Ns ?? 0
    item.statistics?.medianNs = 2 * fast
    #expect(item.hasDisturbedMedian)
  }

  @Test func aWaitInVainIsADoubt() {
    var record = record([80])
    record.context.noise.neverQuiet = ["gemm/0x8x8/t2/native", "b"]
    let doubts = RunValidity(of: record).doubts
    #expect(doubts.count == 1 && doubts[0].figure.hasPrefix("2 cases"))
    #expect(!record.context.noise.isBusy)
  }

  /// What was stopped says so before anything else, and how much of it there is.
  @Test func anInterruptedRunSaysHowMuchItMeasured() throws {
    var record = record([80, 70])
    record.extent = .init(preset: "default", processes: 5, interrupted: false, casesAsked: 6)
    #expect(RunValidity(of: record).ok)
    record.extent = .init(preset: "default", processes: 5, interrupted: true, casesAsked: 6)
    let whole = RunValidity(of: record).doubts
    #expect(
      whole.map(\.sentence) == ["The run was stopped before its end: 2 of 6 cases measured."])
    record.cases[1].processes.removeLast()
    record.context.noise.otherProcessesPercent = 62
    let part = RunValidity(of: record).doubts
    #expect(part.count > 1)
    #expect(
      part[0].figure == "2 of 6 cases measured, 1 of them in fewer than 5 processes")
    // The history keeps medians, and older records do not say how many were asked for.
    record.cases[0].processMediansNs = [1, 2, 3, 4, 5]
    record.cases[0].processes = []
    record.extent?.casesAsked = nil
    #expect(
      RunValidity(of: record).doubts[0].figure
        == "2 cases measured, 1 of them in fewer than 5 processes")
  }

  @Test func theValidityStandsFirstInTheJSON() throws {
    let told = record([80, 130]).withholdingTheImpossible()
    let text = try RecordJSON.text(told)
    #expect(text.split(separator: "\n")[1].contains("\"validity\""))
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: Data(text.utf8)) == told)
    let both = try RecordJSON.text([told, told])
    let read = try ResultRecord.decoder().decode([ResultRecord].self, from: Data(both.utf8))
    #expect(read == [told, told])
    // A record of an earlier version is read without it.
    let old = try RecordJSON.text(RecordFixture.record)
    #expect(!old.contains("\"doubts\""))
    #expect(
      try ResultRecord.decoder().decode(ResultRecord.self, from: Data(old.utf8)).validity == nil)
  }
}

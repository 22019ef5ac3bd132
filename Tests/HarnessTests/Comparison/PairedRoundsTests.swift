import Foundation
import Harness
import Testing

/// The ratio of two cases that ran side by side.
@Suite struct PairedRoundsTests {
  private func record(_ medians: [Double]) -> CaseRecord {
    var record = RecordFixture.record.cases[0]
    record.validity = .init(ok: true)
    record.processes = medians.map {
      .init(
        samplesNs: [$0 - 1, $0, $0 + 50], flags: ["", "", ""], callsPerSample: 1, warmupNs: [])
    }
    return record
  }

  /// Both slow down together from round to round; beside each other they are steady.
  @Test func pairsWhatRanTogether() throws {
    let pair = try #require(
      PairedRounds(record([100, 200, 400]), beside: record([200, 400, 800])))
    #expect(abs(pair.speedup - 2) < 1e-12)
    let interval = pair.ci95
    #expect(abs(interval[0] - 2) < 1e-9 && abs(interval[1] - 2) < 1e-9)
  }

  @Test func intervalIsThatOfTOverRounds() throws {
    let logs = [0.1, 0.2, 0.3]
    let pair = try #require(
      PairedRounds(record([100, 100, 100]), beside: record(logs.map { 100 * exp($0) })))
    // Mean 0.2, standard error 0.1 / sqrt(3), t of 2 degrees of freedom at 97.5 %: 4.302653.
    let half = 4.302653 * 0.1 / 3.0.squareRoot()
    let interval = pair.ci95
    #expect(abs(log(pair.speedup) - 0.2) < 1e-9)
    #expect(abs(log(interval[0]) - (0.2 - half)) < 1e-6)
    #expect(abs(log(interval[1]) - (0.2 + half)) < 1e-6)
  }

  @Test func oneRoundWithoutTurnsAndAWrongAnswerHaveNoRatio() {
    #expect(PairedRounds(record([100]), beside: record([150])) == nil)
    var wrong = record([150])
    wrong.validity = .init(ok: false, reasons: ["wrong answer"])
    #expect(PairedRounds(record([100]), beside: wrong) == nil)
    #expect(PairedRounds(record([100, 100]), beside: record([150])) == nil)
  }

  /// A call that answers two requests computes twice the images, in twice the time.
  @Test func aCallOfTwoRequestsIsTwiceTheWork() throws {
    func network(_ medianNs: Double, images: Double) throws -> CaseRecord {
      var item = record([medianNs, medianNs, medianNs])
      item.kind = .infer
      var statistics = try #require(item.statistics)
      statistics.medianNs = medianNs
      item.statistics = statistics
      item.derived.imagesPerSecond = images * 1e9 / medianNs
      return item
    }
    let single = try network(100, images: 16)
    let double = try network(200, images: 32)
    let alike = try #require(PairedRounds(double, beside: single))
    #expect(abs(alike.speedup - 1) < 1e-9 && abs(alike.ci95[0] - 1) < 1e-9)
    let slow = try network(400, images: 32)
    let pair = try #require(PairedRounds(slow, beside: single))
    #expect(abs(pair.speedup - 0.5) < 1e-9)
    let back = try #require(PairedRounds(single, beside: slow))
    #expect(abs(back.speedup - 2) < 1e-9)
  }

  /// A process whose turns are of three samples each, around these medians.
  private func turns(_ medians: [Double]) -> CaseRecord {
    var record = record([1])
    record.processes = [
      .init(
        samplesNs: medians.flatMap { [$0 - 1, $0, $0 + 50] },
        flags: medians.flatMap { _ in ["", "", ""] }, callsPerSample: 1, warmupNs: [])
    ]
    record.processes[0].turnSamples = medians.map { _ in 3 }
    return record
  }

  /// The machine slows down by half within the one process, for both.
  @Test func turnsOfOneProcessArePairedByTheirPlace() throws {
    let slow: [Double] = [1, 1, 1, 2, 2, 2, 2]
    let first = turns(slow.map { 100 * $0 })
    let second = turns(zip(slow, [0, 1, -1, 2, -2, 3, 0]).map { 200 * $0 + $1 })
    let pair = try #require(PairedRounds(first, beside: second))
    #expect(abs(pair.speedup - 2) < 0.02)
    #expect(pair.ci95[0] > 1.95 && pair.ci95[1] < 2.05 && !pair.isUndecided)
    // Five turns support no interval of 95 %, and one alone no turns at all.
    let few = turns([100, 100, 100, 100, 100])
    #expect(PairedRounds(few, beside: few) == nil)
    #expect(PairedRounds(first, beside: record([200])) == nil)
  }

  /// Products of two engines, as a record has them.
  private func engines(_ times: [(id: String, ns: Double)]) -> ResultRecord {
    var result = RecordFixture.record
    result.cases = times.map { id, ns in
      var item = record([ns, ns])
      item.id = id
      return item
    }
    return result
  }

  @Test func enginesAreJoinedByWhatTheyCompute() throws {
    let record = engines([
      ("gemm/8x8x8/t1/openblas", 400), ("gemm/8x8x8/t1/native", 100),
      ("gemm/8x8x8/t2/native", 1), ("gemm/9x9x9/t1/native", 200),
      ("gemm/9x9x9/t1/native-direct", 1), ("gemm/9x9x9/t1/openblas", 100),
    ])
    let found = try #require(EnginePairs(in: record, engine: "native", beside: "openblas"))
    #expect(found.pairs.map(\.item.id) == ["gemm/8x8x8/t1/native", "gemm/9x9x9/t1/native"])
    #expect(found.pairs.map(\.other.id) == ["gemm/8x8x8/t1/openblas", "gemm/9x9x9/t1/openblas"])
    let speedups = found.pairs.map(\.rounds.speedup)
    #expect(abs(speedups[0] - 4) < 1e-12 && abs(speedups[1] - 0.5) < 1e-12)
    #expect(abs(found.geometricMean - 2.0.squareRoot()) < 1e-12)
    #expect(found.ci95[0] <= found.geometricMean && found.geometricMean <= found.ci95[1])
    #expect(found.ahead == 1)
    #expect(EnginePairs(in: record, engine: "native", beside: "reference") == nil)
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// A step of text generation beside the bandwidth that was measured with it.
@Suite struct BandwidthShareTests {
  /// A record of one step whose bytes pass at a rate, as a share of `bandwidth`.
  private func record(gbPerS: Double?, bandwidth: Double?) -> ResultRecord {
    var record = RecordFixture.record
    record.cases[0].id = "decode/gpt2/b1/s1024/t1/native"
    record.cases[0].kind = .decode
    record.cases[0].derived.gbPerS = gbPerS
    record.cases[0].derived.timeToFirstTokenMs = 12
    record.peaks[0].bandwidthGbPerS = bandwidth
    return record.withBandwidthShares()
  }

  @Test func isThatOfTheFastSamples() throws {
    let told = record(gbPerS: 20, bandwidth: 25)
    let statistics = try #require(told.cases[0].statistics)
    let fast = 20 * statistics.medianNs / statistics.p05Ns
    let share = try #require(told.cases[0].derived.percentOfBandwidth)
    #expect(abs(share - 4 * fast) < 1e-9 && share > 80)
    #expect(told.cases[0].shareOfBandwidth.percent == share)
    #expect(told.withBandwidthShares() == told, "twice is once")
    let data = try ResultRecord.encoder().encode(told)
    let schema = try JSONSchema(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Harness/Schemas/costcurve.result.schema.json"))
    #expect(try schema.violations(in: data) == [])
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == told)
  }

  @Test func isNotToldAboveTheProbe() {
    let told = record(gbPerS: 20, bandwidth: 15)
    #expect(told.cases[0].derived.percentOfBandwidth == nil)
    #expect(told.cases[0].derived.percentOfBandwidthWithheld != nil)
    #expect(told.cases[0].shareOfBandwidth == .disturbed)
  }

  @Test func isNothingWithoutAProbeOrAStep() {
    for told in [record(gbPerS: 20, bandwidth: nil), record(gbPerS: nil, bandwidth: 25)] {
      #expect(told.cases[0].shareOfBandwidth == .none)
    }
    var other = record(gbPerS: 20, bandwidth: nil)
    (other.cases[0].kind, other.peaks[0].bandwidthGbPerS) = (.infer, 25)
    #expect(other.withBandwidthShares().cases[0].shareOfBandwidth == .none)
    other.cases[0].kind = .decode
    other.peaks[0].threads = 2
    #expect(other.withBandwidthShares().cases[0].shareOfBandwidth == .none)
  }

  @Test func partsOfGeneratingTextAreInference() {
    for kind in CaseRecord.Kind.allCases {
      let isText = kind == .prefill || kind == .decode
      #expect(kind.generatesText == isText)
      #expect(kind.isInference == (isText || kind == .infer))
      #expect(kind.isNetwork == (kind.isInference || kind == .train))
      #expect(kind.command.hasPrefix(isText ? "infer " : kind.rawValue))
    }
    let id = CaseID("decode/gpt2/b1/s1024/t2/native")
    #expect(id?.sequence == 1024 && id?.description == "decode/gpt2/b1/s1024/t2/native")
  }
}

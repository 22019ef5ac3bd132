import Foundation
import Harness
import TestSupport
import Testing

/// Records of cases in int8: a peak of their own, and what their answers are beside float32's.
@Suite struct Int8RecordTests {
  private var schema: JSONSchema {
    get throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Harness/Schemas").standardized
      return try JSONSchema(
        contentsOf: folder.appendingPathComponent("costcurve.result.schema.json"))
    }
  }

  /// One product in float32, and an inference in int8 of this rate, 10^9 operations a second.
  private func record(_ rate: Double, peak: Double) -> ResultRecord {
    var record = RecordFixture.record
    record.peaks.append(.init(threads: 1, precision: .int8, gigaOperationsPerSecond: peak))
    var item = record.cases[0]
    (item.id, item.kind) = ("infer/resnet50/b1/t1/int8/native", .infer)
    let executed = item.flop.executed
    item.statistics?.p05Ns = executed / rate
    item.derived.percentOfPeak = 100 * rate / peak
    item.accuracy = .init(
      status: "evaluated", top1: 0.76, top5: 0.93,
      againstF32: .init(
        images: 1000, top1F32: 0.7646, top1Ratio: 0.76 / 0.7646,
        top1RatioError: rate > 500 ? 0.006 : 0.004, agreement: 0.98, logitsDb: 38))
    if rate > 500 { item.accuracy.reason = "the weights were made from a seed" }
    item.flop.float = 5e6
    record.cases.append(item)
    return record
  }

  @Test func bytesAreNoRivalsOfThePeakOfFloats() {
    let told = record(400, peak: 460).withholdingTheImpossible()
    #expect(told.peaks.allSatisfy { !$0.isDisturbed })
    #expect(told.peaks[0].rate == 91.8 && told.peaks[1].rate == 460)
    #expect(abs((told.cases[1].shareOfPeak.percent ?? 0) - 86.96) < 0.01)
    // A case of bytes beyond the peak of bytes takes that peak away, and no other.
    let wrong = record(700, peak: 460).withholdingTheImpossible()
    #expect(wrong.peaks.map(\.isDisturbed) == [false, true])
    #expect(wrong.peaks[1].disturbedRate == 460 && wrong.peaks[1].rate == nil)
    #expect(wrong.cases[1].shareOfPeak == .disturbed)
    #expect(wrong.cases[0].shareOfPeak == told.cases[0].shareOfPeak)
    #expect(wrong.validity?.doubts.first?.what.contains("int8 peak") == true)
    #expect(wrong.withholdingTheImpossible() == wrong)
  }

  /// A peak of bfloat16 is one of floats, and bounds neither float32 nor bytes.
  @Test func bfloat16StandsBesideBoth() throws {
    var told = record(400, peak: 460)
    told.peaks.append(.init(threads: 1, precision: .bf16, rate: 236))
    var item = told.cases[1]
    item.id = "infer/resnet50/b1/t1/bf16/native"
    let operations = item.flop.executed
    item.statistics?.p05Ns = operations / 200
    item.derived.percentOfPeak = 100 * 200 / 236
    told.cases.append(item)
    told = told.withholdingTheImpossible()
    #expect(told.peaks.allSatisfy { !$0.isDisturbed })
    #expect(told.peaks[2].fmaGflops == 236 && told.peaks[2].gigaOperationsPerSecond == nil)
    #expect(told.peaks.map(\.rateUnit) == ["GFLOP/s", "GOP/s", "GFLOP/s"])
    #expect(abs((told.cases[2].shareOfPeak.percent ?? 0) - 84.75) < 0.01)
    let data = try ResultRecord.encoder().encode(told)
    #expect(try schema.violations(in: data) == [])
    #expect(try ResultRecord.read(data) == told)
    // Twice the peak takes that of bfloat16 away.
    told.cases[2].statistics?.p05Ns = operations / 480
    let wrong = told.withholdingTheImpossible()
    #expect(wrong.peaks.map(\.isDisturbed) == [false, false, true])
    #expect(wrong.validity?.doubts.contains { $0.what.contains("bf16 peak") } == true)
  }

  @Test func bothFitTheSchemaAndComeBack() throws {
    for rate in [400.0, 700] {
      let told = record(rate, peak: 460).withholdingTheImpossible()
      let data = try ResultRecord.encoder().encode(told)
      #expect(try schema.violations(in: data) == [])
      #expect(try ResultRecord.read(data) == told)
    }
  }

  @Test func theRuleOfMLPerfIsAShareOfFloats() {
    func beside(_ ratio: Double?, error: Double? = 0.005) -> CaseRecord.AgainstF32 {
      CaseRecord.AgainstF32(
        images: 900, top1F32: ratio.map { _ in 0.5 }, top1Ratio: ratio, top1RatioError: error,
        agreement: 1, logitsDb: nil)
    }
    #expect(beside(0.99).mlperfPassed == true && beside(0.9899).mlperfPassed == false)
    #expect(beside(0.99).rule == "MLPerf's rule of 99 % passed")
    #expect(beside(0.99).mlperfWithheld == nil)
    // Without labels, or with too few images, it neither is passed nor is it not.
    #expect(beside(nil, error: nil).mlperfPassed == nil)
    #expect(beside(1, error: 0.0051).mlperfPassed == nil)
    #expect(beside(nil, error: nil).rule.hasSuffix("not evaluated: no labels of trained weights"))
    #expect(beside(1, error: 0.0051).rule.contains("900 images leave the ratio a standard error"))
  }
}

import Harness
import Testing

/// How near the engines' kernels come to the peak.
@Suite struct PeakShareTests {
  @Test func sharesAreGatheredByEngineInTheCasesOrder() {
    var record = RecordFixture.record
    let shares: [(String, Double?)] = [
      ("gemm/8x8x8/t1/native", 80), ("gemm/8x8x8/t1/openblas", 70), ("gemm/9x9x9/t1/native", 95),
      ("gemm/7x7x7/t1/native", 40), ("gemm/6x6x6/t1/native", nil), ("gemm/5x5x5/t1/native", 99),
    ]
    record.cases = shares.map { id, percent in
      var item = RecordFixture.record.cases[0]
      (item.id, item.derived.percentOfPeak) = (id, percent)
      return item
    }
    var bytes = record.cases[0]
    (bytes.id, bytes.derived.percentOfPeak) = ("conv/a.b/forward/b1/t1/int8/native", 88)
    record.cases.append(bytes)
    record.cases[5].validity = .init(ok: false, reasons: ["wrong answer"])
    let found = PeakShare.all(in: record)
    #expect(found.map(\.engine) == ["native", "openblas", "native, int8"])
    #expect(found.map(\.best) == [95, 70, 88])
    #expect(
      found.map(\.bestCase) == ["gemm/9x9x9/t1/native", "gemm/8x8x8/t1/openblas", bytes.id])
    #expect(found.map(\.median) == [80, 70, 88])
    #expect(found.map(\.count) == [3, 1, 1])
  }
}

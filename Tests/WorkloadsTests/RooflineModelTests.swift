import Harness
import TestSupport
import Testing
import Workloads

/// What holds a case back, under roofs that are round numbers.
@Suite struct RooflineModelTests {
  /// A valid case of 2 threads that took `ns` a call.
  private func item(
    _ id: String, _ kind: CaseRecord.Kind, flop: Double, bytes: Double, ns: Double
  ) -> CaseRecord {
    CaseRecord(
      id: id, kind: kind, parameters: ["minimum_bytes": .number(bytes)], algorithm: "test",
      flop: .init(direct: flop, executed: flop),
      correctness: .init(status: .passed, maxError: 0), accuracy: .init(status: "not applicable"),
      processes: [],
      statistics: .init(
        medianNs: ns, ci95Ns: nil, ci95Method: nil, p05Ns: ns, relativeIqr: 0, n: 1, nEffective: 1,
        minNs: ns, maxNs: ns, provisional: true),
      derived: .init(), validity: .init(ok: true), repeat: "")
  }

  /// 100 GFLOPS, 400 GOP/s with bytes, 1 MiB of L2 for each of 2 cores, 8 MiB of L3, and a
  /// bandwidth for each level.
  private func model(_ precision: CaseID.Precision? = nil) throws -> RooflineModel {
    var context = Context.sample()
    context.machine.caches = [
      .init(level: 2, type: "unified", bytes: 1 << 20, sharedBy: 1),
      .init(level: 3, type: "unified", bytes: 8 << 20, sharedBy: 2),
    ]
    let reads: [(level: String, gbPerS: Double)] = [
      ("l1", 400), ("l2", 200), ("l3", 50), ("dram", 10),
    ]
    let probes = reads.map { read in
      var probe = item("peak/read-\(read.level)/t2", .peak, flop: 0, bytes: 1, ns: 1)
      probe.derived.gbPerS = read.gbPerS
      return probe
    }
    let record = ResultRecord(
      context: context,
      peaks: [
        .init(threads: 2, fmaGflops: 100, bandwidthGbPerS: nil),
        .init(threads: 2, precision: .int8, gigaOperationsPerSecond: 400),
        .init(threads: 2, precision: .bf16, rate: 250),
      ], cases: probes)
    return try #require(RooflineModel(record: record, threads: 2, precision: precision))
  }

  /// Operations on bytes are under the peak of these, and under the same bandwidths.
  @Test func bytesHaveCeilingsOfTheirOwn() throws {
    let (float, bytes) = (try model(), try model(.int8))
    let name = "conv/net.a/forward/b1/t2/int8/native"
    let work = item(name, .conv, flop: 1e9, bytes: 1e5, ns: 4e6)
    #expect(float.place(work) == nil)
    let place = try #require(bytes.place(work))
    #expect(place.roofGflops == 400 && place.gflops == 250 && place.bound == .compute)
    #expect(abs(place.percentOfRoof - 62.5) < 1e-9)
    let plain = item("conv/net.a/forward/b1/t2/native", .conv, flop: 1e9, bytes: 1e5, ns: 1e7)
    #expect(bytes.place(plain) == nil && float.place(plain) != nil)
    // 10 GB/s feed what has one operation a byte with 10.
    let starved = try #require(bytes.place(item(name, .conv, flop: 1e7, bytes: 1e7, ns: 1e6)))
    #expect(starved.roofGflops == 10 && starved.bound == .dram)
  }

  /// Each precision is under its own peak.
  @Test func bfloat16HasACeilingOfItsOwn() throws {
    let work = item(
      "conv/net.a/forward/b1/t2/bf16/native", .conv, flop: 1e9, bytes: 1e5, ns: 5e6)
    #expect(try model().place(work) == nil && model(.int8).place(work) == nil)
    let place = try #require(try model(.bf16).place(work))
    #expect(place.roofGflops == 250 && place.gflops == 200 && place.bound == .compute)
  }

  /// Times of up to twice what the roof allows are explained by it.
  @Test func belowHalfOfTheRoofIsOverhead() throws {
    for (ns, bound) in [(1.5e7, RooflineModel.Bound.compute), (3e7, .overhead)] {
      let work = item("conv/test", .conv, flop: 1e9, bytes: 1e5, ns: ns)
      let place = try #require(try model().place(work))
      #expect(place.roofGflops == 100 && place.bound == bound, "\(ns) ns")
    }
  }

  /// The second level of both cores holds what both work on; the third is there once.
  @Test(
    arguments: [
      (1.5e6, 7500, .l2), (2.5e6, 50_000, .l3), (1e7, 1_000_000, .dram),
    ] as [(Double, Double, RooflineModel.Bound)])
  func aWorkingSetIsAtHomeWhereItFits(
    bytes: Double, leastNs: Double, bound: RooflineModel.Bound
  ) throws {
    let work = item("conv/test", .conv, flop: 1000, bytes: bytes, ns: 1.25 * leastNs)
    let place = try #require(try model().place(work))
    #expect(place.bound == bound)
    #expect(abs(place.percentOfRoof - 80) < 1e-9)
    #expect(abs(place.lostMs / (0.25e-6 * leastNs) - 1) < 1e-9)
  }
}

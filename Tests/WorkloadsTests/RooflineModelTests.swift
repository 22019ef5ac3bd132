import Harness
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

  /// 100 GFLOPS, 1 MiB of L2 for each of 2 cores, 8 MiB of L3, and a bandwidth for each level.
  private func model() throws -> RooflineModel {
    let caches: [Context.Cache] = [
      .init(level: 2, type: "unified", bytes: 1 << 20, sharedBy: 1),
      .init(level: 3, type: "unified", bytes: 8 << 20, sharedBy: 2),
    ]
    let machine = Context.Machine(
      cpu: "Test CPU", architecture: "x86_64", flags: [], caches: caches, cores: 2, affinity: 2,
      quota: nil, hypervisor: nil, governor: nil, memoryBytes: 1 << 30)
    let context = Context(
      date: "2026-01-01T00:00:00Z", machine: machine, kernel: "", compiler: "", march: "",
      libraries: [], git: nil, arguments: [], seed: 1,
      clock: .init(name: "test", costNs: 20, stepNs: 1),
      noise: .init(stealPercent: nil, preemptionPercent: nil, pressurePercent: nil),
      environment: [:])
    let reads: [(level: String, gbPerS: Double)] = [
      ("l1", 400), ("l2", 200), ("l3", 50), ("dram", 10),
    ]
    let probes = reads.map { read in
      var probe = item("peak/read-\(read.level)/t2", .peak, flop: 0, bytes: 1, ns: 1)
      probe.derived.gbPerS = read.gbPerS
      return probe
    }
    let record = ResultRecord(
      context: context, peaks: [.init(threads: 2, fmaGflops: 100, bandwidthGbPerS: nil)],
      cases: probes)
    return try #require(RooflineModel(record: record, threads: 2))
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

import Harness
import TestSupport

/// A small complete record for tests that need one.
enum RecordFixture {
  static var record: ResultRecord {
    let processes = (0..<5).map { index in
      CaseRecord.ProcessSamples(
        samplesNs: (0..<10).map { 460_000 + Double(index * 100 + $0) },
        flags: (0..<10).map { $0 == 3 ? "preempt" : "" }, callsPerSample: 4, warmupNs: [500_000],
        peakMemoryBytes: 9_000_000)
    }
    var derived = CaseRecord.Derived()
    derived.gflopsDirect = 72.6
    derived.gflopsExecuted = 72.6
    let gemm = CaseRecord(
      id: "gemm/256x256x256/t1/openblas", kind: .gemm,
      parameters: ["m": 256, "n": 256, "k": 256], algorithm: "gemm.f32.openblas",
      flop: .init(direct: 33_554_432, executed: 33_554_432),
      correctness: .init(status: .passed, maxError: 0), accuracy: .init(status: "not applicable"),
      processes: processes, statistics: Summary.statistics(of: processes.map(\.samplesNs)),
      derived: derived, validity: .init(ok: true),
      repeat: "costcurve kernels --filter gemm/256x256x256/t1/openblas")
    var context = Context.sample(arguments: ["kernels"])
    context.machine.caches = [.init(level: 1, type: "data", bytes: 49152, sharedBy: 1)]
    context.machine.hypervisor = "KVM"
    context.libraries = [
      .init(name: "OpenBLAS", version: "0.3.21", configuration: "Zen, 2 threads")
    ]
    context.git = .init(commit: "0123456789abcdef", dirty: false)
    (context.noise.stealPercent, context.noise.preemptionPercent) = (0.1, 2)
    return ResultRecord(
      context: context,
      price: .init(usdPerHour: 0.1, basis: "on-demand", instance: "c7i.large"),
      peaks: [.init(threads: 1, fmaGflops: 91.8, bandwidthGbPerS: 21)], cases: [gemm])
  }
}

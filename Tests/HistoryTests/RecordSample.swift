import Harness
import TestSupport

/// Small records for the history's tests.
enum RecordSample {
  /// A record of one case, measured on `machine` at a moment.
  static func record(
    day: Int = 1, hour: Int = 0, ns: Double = 1000, cpu: String = "Test CPU",
    id: String = "gemm/256x256x256/t1/native"
  ) -> ResultRecord {
    let processes = (0..<3).map { index in
      CaseRecord.ProcessSamples(
        samplesNs: [ns, ns + Double(index)], flags: ["", ""], callsPerSample: 4, warmupNs: [ns])
    }
    let two = { (number: Int) in (number < 10 ? "0" : "") + "\(number)" }
    let context = Context.sample(
      cpu: cpu, date: "2026-01-\(two(day))T\(two(hour)):00:00Z", arguments: ["kernels"])
    let item = CaseRecord(
      id: id, kind: .gemm, parameters: [:], algorithm: "test",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: 0),
      accuracy: .init(status: "not applicable"), processes: processes,
      statistics: Summary.statistics(of: processes.map(\.samplesNs)), derived: .init(),
      validity: .init(ok: true), repeat: "costcurve kernels")
    return ResultRecord(
      context: context, cases: [item],
      extent: .init(preset: "default", processes: 3, interrupted: false))
  }
}

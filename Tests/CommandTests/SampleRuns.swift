import Foundation
import Harness

/// Result files that no machine made.
enum SampleRuns {
  /// A record with made-up figures: two engines, a training step, a peak and a price.
  static let inference = #"""
    {"schema": "costcurve.result", "schema_version": 1,
    "context": {"date": "2026-11-22T00:00:00Z", "machine": {"cpu": "a made-up processor",
    "architecture": "x86_64", "flags": [], "caches": [], "cores": 2, "affinity": 2,
    "quota": null, "hypervisor": null, "governor": null, "memory_bytes": 1}, "kernel": "",
    "compiler": "", "march": "", "libraries": [], "git": null, "arguments": [], "seed": 1,
    "clock": {"name": "", "cost_ns": 1, "step_ns": 1}, "noise": {"steal_percent": null,
    "preemption_percent": null, "pressure_percent": null}, "environment": {}},
    "price": {"usd_per_hour": 0.36, "basis": "made up", "instance": null, "region": null,
    "as_of": null, "source": null}, "peaks": [{"threads": 2, "fma_gflops": 200,
    "bandwidth_gb_per_s": 10}], "cases": [{"id": "infer/resnet50/b16/t2/openblas",
    "kind": "infer", "parameters": {"network": "resnet50", "batch_size": 16, "threads": 2,
    "engine": "openblas"}, "algorithm": "im2col", "flop": {"direct": 8178368512.0,
    "executed": 8178368512.0}, "correctness": {"status": "passed", "max_error": 1e-06},
    "accuracy": {"status": "not evaluated", "top1": null, "top5": null}, "processes": [],
    "statistics": null, "derived": {"images_per_second": 50, "images_per_second_ci95": [40,
    60]}, "validity": {"ok": true, "reasons": []}, "repeat": ""},
    {"id": "infer/resnet50/b16/t2/native", "kind": "infer",
    "parameters": {"network": "resnet50", "batch_size": 16, "threads": 2, "engine": "native"},
    "algorithm": "winograd", "flop": {"direct": 8178368512.0, "executed": 8178368512.0},
    "correctness": {"status": "passed", "max_error": 1e-06},
    "accuracy": {"status": "not evaluated", "top1": null, "top5": null}, "processes": [],
    "statistics": null, "derived": {"images_per_second": 100, "images_per_second_ci95": [80,
    125]}, "validity": {"ok": true, "reasons": []}, "repeat": ""},
    {"id": "train/resnet50/b16/t2/native", "kind": "train",
    "parameters": {"network": "resnet50", "batch_size": 16, "threads": 2, "engine": "native"},
    "algorithm": "direct", "flop": {"direct": 24500000000.0, "executed": 24500000000.0},
    "correctness": {"status": "passed", "max_error": 1e-06},
    "accuracy": {"status": "not evaluated", "top1": null, "top5": null}, "processes": [],
    "statistics": null, "derived": {"images_per_second": 30, "images_per_second_ci95": null},
    "validity": {"ok": true, "reasons": []}, "repeat": ""}]}
    """#

  /// The made-up run with times, as a measurement leaves it.
  ///
  /// - Parameters:
  ///   - date: When it was run, ISO 8601.
  ///   - slowness: What its times are multiplied by.
  ///   - cpu: The processor that it names.
  /// - Returns: The record.
  /// - Throws: What the decoder throws, which the text above never makes it do.
  static func timed(
    date: String = "2026-11-22T00:00:00Z", slowness: Double = 1, cpu: String = "a made-up processor"
  ) throws -> ResultRecord {
    var record = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(inference.utf8))
    record.context.date = date
    record.context.machine.cpu = cpu
    for index in record.cases.indices {
      let rate = (record.cases[index].derived.imagesPerSecond ?? 1) / slowness
      let median = 16e9 / rate
      record.cases[index].derived.imagesPerSecond = rate
      record.cases[index].derived.usdPerBillionImages = 0.36 / 3600 / rate * 1e9
      record.cases[index].statistics = .init(
        medianNs: median, ci95Ns: [median * 0.98, median * 1.02], ci95Method: "blocks",
        p05Ns: median * 0.97, relativeIqr: 0.02, n: 40, nEffective: 30, minNs: median * 0.96,
        maxNs: median * 1.1, provisional: true)
    }
    return record
  }

  /// A race of the made-up run's engines and a peer.
  static func race(cpu: String = "a made-up processor") throws -> ResultRecord {
    var record = try timed(cpu: cpu)
    var peer = record.cases[1]
    peer.id = "infer/resnet50/b16/t2/apeer"
    peer.algorithm = "apeer 3.1+build, all optimisations"
    peer.derived.imagesPerSecond = 70
    peer.flop.executed = 0
    (peer.derived.firstArmSpeedup, peer.derived.firstArmSpeedupCi95) = (1.43, [1.4, 1.46])
    record.cases.append(peer)
    return record
  }

  /// A comparison of two dated releases of a peer, and of one that could not be installed.
  static func versions(cpu: String = "a made-up processor") throws -> ResultRecord {
    var record = try timed(cpu: cpu)
    record.kind = .race
    let ours = record.cases[1]
    func release(_ version: String, _ released: String, rate: Double?) -> CaseRecord {
      var item = ours
      item.id = "infer/resnet50/b16/t2/apeer-\(version)"
      item.origin = .init(name: "apeer", version: version, released: released)
      item.derived.imagesPerSecond = rate
      if rate == nil {
        item.statistics = nil
        item.validity = .init(ok: false, reasons: ["it cannot be installed here: no wheel"])
      }
      return item
    }
    record.cases = [
      ours, release("0.9", "2023-05", rate: nil), release("1.0", "2024-06-01", rate: 40),
      release("2.0", "2026-06-01", rate: 60),
    ]
    record.softwareTrends = [
      SoftwareTrend(
        setting: "apeer", software: "apeer", kind: .infer, subject: "infer/resnet50/b16/t2",
        releases: 2, first: ("1.0", "2024-06-01"), last: ("2.0", "2026-06-01"),
        yearlyFactor: 1.22, yearlyFactorCi95: [1.2, 1.25], gain: 1.5, gainCi95: [1.45, 1.55])
    ]
    return record
  }

  /// The bytes of a record's file.
  static func data(_ record: ResultRecord) throws -> Data {
    try ResultRecord.encoder().encode(record)
  }
}

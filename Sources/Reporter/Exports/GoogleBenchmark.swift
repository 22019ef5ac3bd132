import Harness

/// A result in the JSON of google/benchmark, as its `compare.py` and its readers take it.
///
/// Every process is a repetition; the median over them is an aggregate row. A case without a valid
/// time is one row that says so in `error_occurred` and `error_message`, its times 0 as theirs.
struct GoogleBenchmark: Encodable {
  struct Context: Encodable {
    struct Cache: Encodable {
      var type: String
      var level: Int
      var size: Int
      var num_sharing: Int
    }
    var date: String
    var host_name = ""
    var executable = "costcurve"
    var num_cpus: Int
    var mhz_per_cpu = 0
    var cpu_scaling_enabled: Bool
    var caches: [Cache]
    var load_avg: [Double] = []
    var library_build_type = "release"
  }

  struct Benchmark: Encodable {
    var name: String
    var family_index: Int
    var per_family_instance_index = 0
    var run_name: String
    var run_type: String
    var repetitions: Int
    var repetition_index: Int?
    var aggregate_name: String?
    var aggregate_unit: String?
    var threads: Int
    var iterations: Int
    var real_time: Double
    var cpu_time: Double
    var time_unit = "ns"
    var items_per_second: Double?
    var error_occurred: Bool?
    var error_message: String?
  }

  var context: Context
  var benchmarks: [Benchmark]

  init(_ record: ResultRecord) {
    let machine = record.context.machine
    context = Context(
      date: record.context.date, num_cpus: machine.cores,
      cpu_scaling_enabled: machine.governor.map { $0 != "performance" } ?? false,
      caches: machine.caches.map {
        .init(
          type: $0.type.capitalized, level: $0.level, size: $0.bytes, num_sharing: $0.sharedBy)
      })
    benchmarks = record.cases.enumerated().flatMap { Self.rows($1, family: $0) }
  }

  private static func rows(_ item: CaseRecord, family: Int) -> [Benchmark] {
    let threads = item.name.threads ?? 1
    guard item.isShown, let statistics = item.statistics else {
      return [
        Benchmark(
          name: item.id, family_index: family, run_name: item.id, run_type: "iteration",
          repetitions: 1, repetition_index: 0, threads: threads, iterations: 0, real_time: 0,
          cpu_time: 0, error_occurred: true, error_message: item.refusal)
      ]
    }
    let sampled = item.processes.filter { !$0.samplesNs.isEmpty }
    let medians =
      item.processMediansNs ?? sampled.map { Quantile.median(of: $0.samplesNs) }
    let calls = sampled.first.map { $0.callsPerSample * $0.samplesNs.count } ?? statistics.n
    let row = { (name: String, type: String, index: Int?, ns: Double) in
      Benchmark(
        name: name, family_index: family, run_name: item.id, run_type: type,
        repetitions: medians.count, repetition_index: index,
        aggregate_name: index == nil ? "median" : nil,
        aggregate_unit: index == nil ? "time" : nil, threads: threads,
        iterations: index == nil ? medians.count : calls, real_time: ns, cpu_time: ns,
        items_per_second: item.derived.rate.map { $0 * statistics.medianNs / ns })
    }
    return medians.enumerated().map { row(item.id, "iteration", $0, $1) }
      + [row(item.id + "_median", "aggregate", nil, statistics.medianNs)]
  }
}

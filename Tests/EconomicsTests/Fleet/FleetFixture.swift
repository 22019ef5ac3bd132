import Basics
import Economics
import Harness
import TestSupport

/// Runs of machines that do not exist.
enum FleetFixture {
  static let id = "infer/resnet50/b16/t2/native"

  /// Inference of 16 images a call, whose time has an interval of so much to both sides.
  static func item(
    _ id: String = FleetFixture.id, rate: Double, spread: Double = 0.02, provisional: Bool = false
  ) -> CaseRecord {
    let median = 16e9 / rate
    var derived = CaseRecord.Derived()
    derived.item = "image"
    (derived.imagesPerSecond, derived.itemsPerSecond) = (rate, rate)
    return CaseRecord(
      id: id, kind: .infer, parameters: ["network": "resnet50"], algorithm: "plan",
      flop: .init(direct: 130e9, executed: 97e9),
      correctness: .init(status: .passed, maxError: 1e-6),
      accuracy: .init(status: "not evaluated"), processes: [],
      statistics: .init(
        medianNs: median, ci95Ns: [median * (1 - spread), median * (1 + spread)],
        ci95Method: "processes", p05Ns: median * 0.97, relativeIqr: 0.02, n: 40, nEffective: 30,
        minNs: median * 0.96, maxNs: median * 1.1, provisional: provisional),
      derived: derived, validity: .init(ok: true), repeat: "")
  }

  /// A matrix product.
  static func product(gflops: Double) -> CaseRecord {
    var item = item("gemm/256x256x256/t2/native", rate: gflops)
    item.kind = .gemm
    item.derived = .init()
    item.derived.gflopsDirect = gflops
    return item
  }

  static func given(_ usdPerHour: Double) -> ResultRecord.PriceRecord {
    .init(usdPerHour: usdPerHour, basis: "given with --usd-per-hour")
  }

  static func assumed(
    _ usdPerHour: Double, asOf: String = "2026-07-30"
  ) -> ResultRecord.PriceRecord {
    .init(usdPerHour: usdPerHour, basis: "assumed: median of all", asOf: asOf)
  }

  static func instance(_ name: String, _ usdPerHour: Double) -> ResultRecord.PriceRecord {
    .init(
      usdPerHour: usdPerHour, basis: "assumed: this machine's speed at the price of \(name)",
      instance: name, asOf: "2026-07-20")
  }

  /// A run of some cases.
  static func run(
    _ cpu: String, cpus: Int = 2, price: ResultRecord.PriceRecord? = FleetFixture.given(0.36),
    _ cases: [CaseRecord]
  ) -> ResultRecord {
    var context = Context.sample(cpu: cpu)
    (context.machine.cores, context.machine.affinity) = (cpus, cpus)
    return ResultRecord(context: context, price: price, cases: cases)
  }

  /// The comparison of runs in files `1.json`, `2.json` and so on.
  static func compare(_ records: [ResultRecord]) throws(Problem) -> FleetComparison {
    try FleetComparison(
      records.enumerated().map { (file: "\($0.offset + 1).json", record: $0.element) })
  }
}

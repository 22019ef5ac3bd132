import Harness

extension CSVReport {
  /// Columns that say what was measured where, when and at which price, so that rows of several
  /// files can be put into one table.
  static let conditions: [[Column]] = [
    [
      ("network", { item, _ in network(of: item) }),
      ("direction", { item, _ in item.name.direction?.rawValue ?? "" }),
      ("batch_size", { item, _ in count(item.name.batch) }),
      ("sequence", { item, _ in count(item.name.sequence) }),
      (
        "input_size", { item, _ in parameter("input_size", of: item) ?? count(item.name.inputSize) }
      ),
      ("classes", { item, _ in parameter("classes", of: item) ?? count(item.name.classes) }),
      ("threads", { item, _ in count(item.name.threads) }),
      ("precision", { item, _ in item.name.precision?.rawValue ?? "f32" }),
      ("engine", { item, _ in item.name.engine ?? "" }),
      ("origin_version", { item, _ in item.origin?.version ?? "" }),
      ("requests_in_flight", { item, _ in count(item.requestsInFlight) }),
    ],
    ends("items_per_second_ci95", \.derived.itemsPerSecondCi95),
    ends("usd_per_billion_images_ci95", \.derived.usdPerBillionImagesCi95),
    ends("usd_per_million_positions_ci95", \.derived.usdPerMillionPositionsCi95),
    ends("usd_to_train_ci95", \.derived.usdToTrainCi95),
    [figure("first_arm_speedup", \.derived.firstArmSpeedup)],
    ends("first_arm_speedup_ci95", \.derived.firstArmSpeedupCi95),
    [
      (
        "peak_gflops",
        { item, run in
          number(
            run.peaks.first {
              $0.threads == item.name.threads && $0.precision == item.name.precision
            }?.fmaGflops)
        }
      ),
      ("date", { _, run in run.context.date }),
      ("machine", { _, run in run.context.machine.cpu }),
      ("cpus", { _, run in "\(run.context.machine.affinity)" }),
      ("instruction_set", { _, run in run.context.march }),
      ("commit", { _, run in run.context.git.map { $0.commit + ($0.dirty ? "+" : "") } ?? "" }),
      ("usd_per_hour", { _, run in number(run.price?.usdPerHour) }),
      ("price_basis", { _, run in run.price?.basis ?? "" }),
      ("instance", { _, run in run.price?.instance ?? "" }),
      ("released", { item, _ in item.origin?.released ?? "" }),
    ],
  ]

  /// The network that a case is of, or is a layer of; empty for what is of none.
  private static func network(of item: CaseRecord) -> String {
    if let name = parameter("network", of: item) { return name }
    switch item.kind {
    case .infer, .prefill, .decode, .train: return item.name.subject
    case .conv:
      let parts = item.name.subject.split(separator: ".", maxSplits: 1)
      return parts.count > 1 ? String(parts[0]) : ""
    case .gemm, .peak: return ""
    }
  }

  private static func parameter(_ name: String, of item: CaseRecord) -> String? {
    switch item.parameters[name] {
    case .string(let text): text
    case .number(let value): number(value)
    default: nil
    }
  }

  private static func count(_ value: Int?) -> String { value.map(String.init) ?? "" }
}

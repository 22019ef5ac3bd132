import Harness

extension CSVReport {
  /// Columns of energy: what was measured, apart from it what was estimated, and why.
  static let energies: [[Column]] = [
    [
      ("energy_status", { item, _ in item.energy?.status.rawValue ?? "" }),
      ("energy_source", { item, _ in item.energy?.source ?? "" }),
      (
        "energy_domains",
        { item, _ in item.energy?.measured?.domains.joined(separator: " ") ?? "" }
      ),
      figure("energy_joules", \.energy?.measured?.joules),
      figure("energy_seconds", \.energy?.measured?.seconds),
      figure("joules_per_item", \.derived.joulesPerItem),
    ],
    ends("joules_per_item_ci95", \.derived.joulesPerItemCi95),
    [
      figure("electricity_usd_per_million_items", \.derived.electricityUsdPerMillionItems),
      figure("estimated_energy_joules", \.energy?.estimate?.joules),
      figure("estimated_joules_per_item", \.derived.estimatedJoulesPerItem),
      figure(
        "estimated_electricity_usd_per_million_items",
        \.derived.estimatedElectricityUsdPerMillionItems),
      ("energy_reason", { item, _ in item.energy?.refusal ?? "" }),
      ("usd_per_kwh", { _, run in number(run.electricity?.usdPerKwh) }),
      ("stated_watts", { _, run in number(run.electricity?.watts) }),
    ],
  ]
}

import Harness

extension Report {
  /// What the cases took of energy, or why that is not known; nil of a run where nobody asked.
  ///
  /// What was measured and what was estimated stand in tables of their own.
  package var energySection: Document.Section? {
    let asked = record.cases.filter { $0.isShown && $0.energy != nil }
    guard !asked.isEmpty else { return nil }
    let measured = asked.filter { $0.energy?.measured != nil }
    let estimated = asked.filter { $0.energy?.estimate != nil }
    var blocks: [Document.Block] = []
    if !measured.isEmpty { blocks.append(.table(measuredTable(measured))) }
    if !estimated.isEmpty { blocks.append(.table(estimatedTable(estimated))) }
    let refusals = energyRefusals(of: asked)
    if !refusals.isEmpty { blocks.append(.paragraph(refusals)) }
    let lead =
      measured.isEmpty
      ? "Counters of the CPU package gave nothing in this run."
      : "What counters of the CPU package say: the CPU package only, without memory, board, "
        + "cooling and power supply, but with all else that the package did meanwhile."
    return Document.Section(
      id: "energy", title: "Energy", short: "Energy", lead: lead, blocks: blocks)
  }

  /// Whether there is any figure of energy.
  var hasEnergyFigures: Bool {
    record.cases.contains {
      $0.isShown && ($0.energy?.measured != nil || $0.energy?.estimate != nil)
    }
  }

  private func measuredTable(_ cases: [CaseRecord]) -> DataTable {
    let power = CaseColumn("Power", "W") { item in
      let energy = item.energy?.measured
      return cell(
        energy?.watts,
        note: energy.map { "\($0.domains.joined(separator: " + ")), \($0.source)" } ?? "")
    }
    let operations = CaseColumn("Executed", "GFLOP per J", rank: 2) { item in
      guard let watts = item.energy?.measured?.watts, let gflops = item.derived.gflopsExecuted
      else { return cell(nil) }
      return cell(gflops / watts)
    }
    let seconds = CaseColumn("Read for", "s", rank: 3) { cell($0.energy?.measured?.seconds) }
    return caseTable(
      "energy-measured", "Energy that was measured, CPU package only, with 95 % intervals", cases,
      [power]
        + itemColumns(
          joules: \.joulesPerItem, interval: \.joulesPerItemCi95,
          cost: \.electricityUsdPerMillionItems,
          costInterval: \.electricityUsdPerMillionItemsCi95)
        + [operations, seconds])
  }

  private func estimatedTable(_ cases: [CaseRecord]) -> DataTable {
    let power = CaseColumn("Stated", "W") { item in
      cell(item.energy?.estimate?.watts, note: item.energy?.refusal ?? "")
    }
    return caseTable(
      "energy-estimated", "Energy that the power stated with --watts comes to: not measured",
      cases,
      [power]
        + itemColumns(
          joules: \.estimatedJoulesPerItem, interval: \.estimatedJoulesPerItemCi95,
          cost: \.estimatedElectricityUsdPerMillionItems,
          costInterval: \.estimatedElectricityUsdPerMillionItemsCi95))
  }

  /// Joules of an item and, at a stated price, what the electricity of 10⁶ of them costs.
  private func itemColumns(
    joules: KeyPath<CaseRecord.Derived, Double?>, interval: KeyPath<CaseRecord.Derived, [Double]?>,
    cost: KeyPath<CaseRecord.Derived, Double?>,
    costInterval: KeyPath<CaseRecord.Derived, [Double]?>
  ) -> [CaseColumn] {
    let energy = CaseColumn("Energy", "J per item") { item in
      cell(
        item.derived[keyPath: joules],
        interval: Wording.interval(item.derived[keyPath: interval]),
        note: "per \(item.derived.workItem.name)")
    }
    guard record.electricity?.usdPerKwh != nil else { return [energy] }
    let usd = CaseColumn("Electricity", "USD per 10⁶ items") { item in
      cell(
        item.derived[keyPath: cost],
        interval: Wording.interval(item.derived[keyPath: costInterval]),
        note: record.electricity?.words ?? "")
    }
    return [energy, usd]
  }

  /// Why energy was not measured, the commonest reasons first; empty where all of it was.
  private func energyRefusals(of cases: [CaseRecord]) -> String {
    let reasons = cases.compactMap { $0.energy?.refusal }
    let counted = reasons.unique.map { reason in
      (reason: reason, count: reasons.count { $0 == reason })
    }.sorted { $0.count > $1.count }
    guard !counted.isEmpty else { return "" }
    if counted.count == 1, reasons.count == cases.count {
      return "Energy is unmeasurable here: \(counted[0].reason)."
    }
    let named = counted.prefix(3).map { "\(Units.count($0.count, "case")): \($0.reason)" }
    let more = counted.count > 3 ? "; and \(counted.count - 3) more reasons" : ""
    return "Unmeasurable in " + named.joined(separator: "; ") + more + "."
  }

  /// Joules of an item of the cheapest inference; nil where there are none.
  var energyFact: Document.Fact? {
    guard let best = record.cheapestInference, let energy = best.energy else { return nil }
    let isMeasured = energy.measured != nil
    let derived = best.derived
    guard let joules = isMeasured ? derived.joulesPerItem : derived.estimatedJoulesPerItem else {
      return nil
    }
    let interval = isMeasured ? derived.joulesPerItemCi95 : derived.estimatedJoulesPerItemCi95
    let usd =
      isMeasured
      ? derived.electricityUsdPerMillionItems : derived.estimatedElectricityUsdPerMillionItems
    let cost = usd.map {
      "\(NumberFormat.usd.text($0)) of electricity per 10⁶ \(derived.workItem.plural), "
    }
    let watts = NumberFormat.significant(energy.measured?.watts ?? energy.estimate?.watts ?? 0)
    return .init(
      label: isMeasured ? "Energy of inference" : "Estimated energy",
      value: NumberFormat.significant(joules), number: joules,
      unit: "J per \(derived.workItem.name)", interval: labelled(Wording.interval(interval)),
      basis: (cost ?? "")
        + (isMeasured
          ? "\(watts) W of the CPU package only, \(Wording.configuration(best, withWorth: false))"
          : "by the \(watts) W stated with --watts, not measured: \(energy.refusal ?? "")"))
  }

  /// Why no network's energy was measured; nil where one was, or was estimated, or nobody asked.
  var energyGap: String? {
    let energies = record.cases.filter { $0.kind.isNetwork && $0.isShown }.compactMap(\.energy)
    guard energies.allSatisfy({ $0.status == .unmeasurable }) else { return nil }
    return energies.first?.refusal
  }
}

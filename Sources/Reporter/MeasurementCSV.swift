import Harness
import History

// Comma-separated values of what is no run: a head line, then one row a measurement.

extension ComparisonRecord {
  /// One row per case and variant that was compared with the first.
  package var csv: String {
    let head = [
      "id", "verdict", "ratio", "ci99_low", "ci99_high", "margin", "control_ratio", "a_ns", "b_ns",
      "processes", "pairs", "p_slower", "p_holm", "confirmed", "regression", "reason", "a", "b",
      "date", "machine", "seed", "repeat",
    ]
    let number: (Double?) -> String = CSVReport.number
    let (a, b) = (arms.first ?? "", arms.dropFirst().first ?? "")
    let rows = cases.flatMap { item -> [[String]] in
      func ending(_ variant: String) -> [String] {
        [a, variant, context.date, context.machine.cpu, "\(seed)", item.repeat]
      }
      let own =
        [
          item.id, item.verdict.rawValue, number(item.ratio), number(item.ci99?.first),
          number(item.ci99?.last), number(item.margin), number(item.control?.ratio),
          number(item.aNs), number(item.bNs), "\(item.processCount)", "\(item.pairCount)",
          number(item.pSlower), number(item.pHolm), item.confirmed.map { "\($0)" } ?? "",
          "\(item.regression)", item.reason,
        ] + ending(b)
      let further = item.peers.map { peer in
        [
          item.id, peer.verdict.rawValue, number(peer.ratio), number(peer.ci99?.first),
          number(peer.ci99?.last), number(item.margin), number(item.control?.ratio),
          number(item.aNs), "", "\(item.processCount)", "\(item.pairCount)", "", "", "", "",
          peer.reason,
        ] + ending(peer.name)
      }
      return [own] + further
    }
    return CSVReport.text([head] + rows)
  }
}

extension Trend {
  /// One row per run of each case, oldest first, with the level that step detection puts it in.
  package static func csv(_ trends: [Trend]) -> String {
    let head = [
      "case", "run", "date", "median_ns", "ci95_ns_low", "ci95_ns_high", "level_ns", "machine_key",
    ]
    let rows = trends.flatMap { trend in
      trend.points.enumerated().map { index, point -> [String] in
        let ends = point.intervalNs?.sorted()
        let level = trend.pieces.first { $0.range.contains(index) }?.level
        return [
          trend.caseID, "\(point.run)", point.date, CSVReport.number(point.medianNs),
          CSVReport.number(ends?.first), CSVReport.number(ends?.last), CSVReport.number(level),
          trend.machine,
        ]
      }
    }
    return CSVReport.text([head] + rows)
  }
}

extension Doctor.Findings {
  /// One row per quantity; what the kernel does not tell has no value.
  package var csv: String {
    let noise = context.noise
    var rows: [(name: String, probe: String, value: Double?, unit: String)] = [
      ("smallest_visible", "compare", smallestVisiblePercent, "percent"),
      ("false_verdicts", "compare", falseVerdictPercent, "percent"),
      ("same_verdicts", "compare", samePercent, "percent"),
      ("false_verdicts", "one side after the other", sequentialFalsePercent, "percent"),
      ("pairs", "compare", Double(pairs), ""),
      ("other_processes", "", noise.otherProcessesPercent, "percent"),
      ("steal", "", noise.stealPercent, "percent"),
      ("preempted_samples", "", noise.preemptionPercent, "percent"),
      ("cpu_pressure", "", noise.pressurePercent, "percent"),
      ("clock_reading", context.clock.name, context.clock.costNs, "ns"),
      ("clock_step", context.clock.name, context.clock.stepNs, "ns"),
    ]
    for canary in canaries {
      rows += [
        ("median", canary.id, canary.medianNs, "ns"),
        ("middle_half", canary.id, 100 * canary.relativeIqr, "percent"),
        ("p99_over_median", canary.id, canary.tail, ""),
        ("samples", canary.id, Double(canary.samples), ""),
      ]
    }
    let head = ["quantity", "probe", "value", "unit", "date", "machine"]
    return CSVReport.text(
      [head]
        + rows.map {
          [
            $0.name, $0.probe, CSVReport.number($0.value), $0.unit, context.date,
            context.machine.cpu,
          ]
        })
  }
}

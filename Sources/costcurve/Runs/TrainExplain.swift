import Harness
import Workloads

extension TrainCommand {
  /// `--explain`: the training step layer by layer and phase by phase.
  func explained(_ request: CaseRequest) throws {
    try output.refuseAllButTextAndJSON(for: "an explained step")
    let profile = try Profile(
      request, catalogue: .here(), seconds: try measure.durationSeconds() ?? 10)
    if profile.peakGflops == nil { output.note("costcurve: " + PeakMeter.disturbed) }
    try output.emit(json: profile, text: Self.text(of: profile, for: request.id))
  }

  private static func text(of profile: Profile, for id: String) -> String {
    let bandwidths = BandwidthWorkload.Level.allCases.compactMap { level in
      profile.bandwidthGbPerS[level.rawValue].map {
        "\(level.rawValue.uppercased()) \(Units.number($0)) GB/s"
      }
    }
    var lines = [
      "\(id): \(profile.steps) steps, medians; FMA peak in the same steps "
        + (profile.peakGflops.map { Units.flopRate(gflops: $0) } ?? "n/a")
        + "; reads \(bandwidths.joined(separator: ", "))",
      "",
      columns(
        "layer", "phase", "algorithm", "µs", "share", "direct", "executed", "of peak", "moves",
        "rate", "bound by"),
      columns("", "", "", "", "%", "GFLOP/s", "GFLOP/s", "%", "MB", "GB/s", ""),
    ]
    lines += profile.rows.map(line)
    lines += [""] + profile.phases.map(line)
    lines += [
      "",
      "sum \(Units.nanoseconds(profile.totalNs)), \(Units.number(profile.imagesPerSecond)) images/s",
      "Moves: all operands once; what an algorithm reads twice shows as distance from the roof.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ row: Profile.Row) -> String {
    columns(
      row.layer, row.phase, row.algorithm ?? "", Units.number(row.ns / 1e3),
      Units.number(row.percentOfTime), Units.number(row.gflopsDirect),
      Units.number(row.gflopsExecuted), row.percentOfPeak.map { Units.number($0) } ?? "n/a",
      Units.number(Double(row.leastBytes) / 1e6), Units.number(row.gbPerS), row.bound ?? "")
  }

  private static func columns(_ texts: String...) -> String {
    TextRow.text(texts, widths: [22, 16, 21, 9, 6, 8, 8, 7, 8, 7, 8], leading: 3)
  }
}

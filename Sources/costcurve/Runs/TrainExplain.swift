import Harness
import Reporter
import Workloads

extension TrainCommand {
  /// `--explain`: the training step layer by layer and phase by phase.
  func explained(_ request: CaseRequest) throws {
    output.waitForQuiet(try measure.quietWait())
    let noise = NoiseMeter(before: output.lookAtMachine(waits: false))
    let profile = try Profile(
      request, catalogue: .here(), seconds: try measure.durationSeconds() ?? 10)
    if profile.peakGflops == nil { output.note("costcurve: " + PeakMeter.disturbed) }
    let validity = RunValidity(doubts: RunValidity.ofMachine(noise.reading()))
    try output.emit(
      Document(profile, validity, onScreen: false),
      onScreen: Document(profile, validity, onScreen: true),
      json: Explained(validity, profile, schema: "costcurve.training-profile"), csv: profile.csv,
      text: validity.text + Self.text(of: profile, for: request.id))
  }

  private static func text(of profile: Profile, for id: String) -> String {
    let bandwidths = BandwidthWorkload.Level.allCases.compactMap { level in
      profile.bandwidthGbPerS[level.rawValue].map {
        "\(level.rawValue.uppercased()) \(Units.number($0)) GB/s"
      }
    }
    var lines = [
      "\(id): \(profile.steps) steps, medians; FMA peak in the same steps "
        + (profile.peakGflops.map { Units.flopRate(gflops: $0) } ?? ShareOfPeak.disturbedText)
        + "; reads \(bandwidths.joined(separator: ", "))",
      "",
      columns(
        "layer", "phase", "algorithm", "µs", "share", "direct", "executed", "of peak", "moves",
        "rate", "bound by"),
      columns("", "", "", "", "%", "GFLOP/s", "GFLOP/s", "%", "MB", "GB/s", ""),
    ]
    let isDisturbed = profile.peakGflops == nil
    lines += profile.rows.map { line($0, isDisturbed: isDisturbed) }
    lines += [""] + profile.phases.map { line($0, isDisturbed: isDisturbed) }
    lines += [
      "",
      "sum \(Units.nanoseconds(profile.totalNs)), \(Units.number(profile.itemsPerSecond)) images/s",
      "Moves: all operands once; what an algorithm reads twice shows as distance from the roof.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ row: Profile.Row, isDisturbed: Bool) -> String {
    columns(
      row.layer, row.phase, row.algorithm ?? "", Units.number(row.ns / 1e3),
      Units.number(row.percentOfTime), Units.number(row.gflopsDirect),
      Units.number(row.gflopsExecuted),
      ShareOfPeak(row.percentOfPeak, isDisturbed: isDisturbed).text(),
      Units.number(Double(row.leastBytes) / 1e6), Units.number(row.gbPerS), row.bound ?? "")
  }

  private static func columns(_ texts: String...) -> String {
    TextRow.text(texts, widths: [22, 16, 21, 9, 6, 8, 8, 7, 8, 7, 8], leading: 3)
  }
}

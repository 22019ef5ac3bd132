import Harness
import Reporter
import Workloads

extension Document {
  /// Where the time of a pass or a training step goes.
  ///
  /// - Parameters:
  ///   - profile: Of a case.
  ///   - noise: Of the machine meanwhile.
  ///   - onScreen: Whether the layers that take most time come first, not the network's first.
  init(_ profile: Profile, _ noise: Context.NoiseRecord, onScreen: Bool) {
    let isTraining = profile.id.hasPrefix("train/")
    let passes = isTraining ? "step" : "pass"
    let item = WorkItem(profile.item)
    let ranked = profile.rows.sorted { $0.ns > $1.ns }
    var lead =
      "\(Units.nanoseconds(profile.totalNs)), \(Units.number(profile.itemsPerSecond)) "
      + item.rateUnit
    if let first = ranked.first {
      let phase = isTraining ? " (\(first.phase))" : ""
      lead += "; \(first.layer)\(phase) takes most of it, \(Units.percent(first.percentOfTime))"
    }
    let multiplied = profile.precision?.rawValue ?? "FMA"
    if let share = profile.convolutionsPercentOfPeak {
      lead +=
        "; convolutions time-weighted: \(Units.percent(share)) of the "
        + "\(profile.precision == .int8 ? "integer" : multiplied) peak"
    }
    let peak =
      profile.peakGflops.map {
        profile.precision == .int8
          ? "\(Units.number($0)) GOP/s" : Units.flopRate(gflops: $0)
      } ?? ShareOfPeak.disturbedText
    let bandwidths = BandwidthWorkload.Level.allCases.compactMap { level in
      profile.bandwidthGbPerS[level.rawValue].map {
        "\(level.rawValue.uppercased()) \(Units.number($0)) GB/s"
      }
    }
    func table(_ rows: [Profile.Row], ofPhases: Bool) -> Block {
      .table(Self.table(rows, of: profile, ofPhases: ofPhases))
    }
    var blocks: [Block] = []
    if isTraining { blocks.append(table(profile.phases, ofPhases: true)) }
    blocks.append(table(onScreen ? ranked : profile.rows, ofPhases: false))
    blocks.append(
      .paragraph(
        "Traffic is compulsory: every operand once. What an algorithm reads twice shows as its gap "
          + "to the roofline."))
    self.init(
      title: profile.id,
      subtitle:
        "Medians of \(Units.count(profile.passes, passes)); \(multiplied) peak in the same "
        + "\(peak); reads "
        + bandwidths.joined(separator: ", "),
      notice: .init(RunValidity(doubts: RunValidity.ofMachine(noise)), on: noise),
      answer: lead + ".", blocks: blocks)
  }

  private static func table(
    _ rows: [Profile.Row], of profile: Profile, ofPhases: Bool
  ) -> DataTable {
    let phases = Set(rows.map(\.phase)).count > 1
    let (item, unit) = (
      WorkItem(profile.item), profile.precision == .int8 ? "GOP/s" : "GFLOP/s"
    )
    return DataTable(
      id: ofPhases ? "phases" : "layers",
      caption: ofPhases ? "Phases of a step" : "Layers, with their share of the time",
      columns: [
        .init(ofPhases ? "Layers" : "Layer"), .init("Phase", rank: phases ? 0 : 4),
        .init("Algorithm", rank: 1),
        .init("At a time", unit: item.plural, isNumber: true, rank: 5),
        .init("Time", unit: "µs", isNumber: true), .init("Share", unit: "%", isNumber: true),
        .init("Direct", unit: unit, isNumber: true, rank: 2),
        .init("Executed", unit: unit, isNumber: true, rank: 1),
        .init("Of peak", unit: "%", isNumber: true),
        .init("Traffic", unit: "MB", isNumber: true, rank: 3),
        .init("Rate", unit: "GB/s", isNumber: true, rank: 3), .init("Bound by"),
      ],
      rows: rows.map { row in
        func figure(_ value: Double) -> DataTable.Cell { .init(Units.number(value), number: value) }
        return [
          .init(row.layer, tone: .code), .init(row.phase), .init(row.algorithm ?? ""),
          .init(ofPhases ? "" : "\(row.imagesAtATime)"), figure(row.ns / 1e3),
          figure(row.percentOfTime), figure(row.gflopsDirect), figure(row.gflopsExecuted),
          .init(row.percentOfPeak.map { Units.number($0) } ?? "n/a", number: row.percentOfPeak),
          figure(Double(row.leastBytes) / 1e6), figure(row.gbPerS), .init(row.bound ?? ""),
        ]
      })
  }
}

extension Profile {
  /// One row per layer and phase.
  var csv: String {
    let head = [
      "case", "layer", "phase", "algorithm", "images_at_a_time", "ns", "percent_of_time",
      "gflops_direct", "gflops_executed", "percent_of_peak", "least_bytes", "gb_per_s", "bound",
      "peak_gflops", "passes", "precision", "giga_operations_per_second",
      "peak_giga_operations_per_second", "convolutions_percent_of_peak",
      "giga_operations_executed_per_second",
    ]
    let isFloat = precision != .int8
    let number: (Double?) -> String = CSVReport.number
    return CSVReport.text(
      [head]
        + rows.map { row -> [String] in
          let ofBytes = row.gigaOperationsPerSecond != nil
          return [
            id, row.layer, row.phase, row.algorithm ?? "", "\(row.imagesAtATime)", number(row.ns),
            number(row.percentOfTime), ofBytes ? "" : number(row.gflopsDirect),
            ofBytes ? "" : number(row.gflopsExecuted), number(row.percentOfPeak),
            "\(row.leastBytes)", number(row.gbPerS), row.bound ?? "",
            isFloat ? number(peakGflops) : "", "\(passes)", row.precision?.rawValue ?? "f32",
            number(row.gigaOperationsPerSecond), isFloat ? "" : number(peakGflops),
            number(convolutionsPercentOfPeak), ofBytes ? number(row.gflopsExecuted) : "",
          ]
        })
  }
}

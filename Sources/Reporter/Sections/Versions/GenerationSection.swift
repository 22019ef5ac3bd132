import Economics
import Harness

extension Report {
  /// The same hardware under newer software, against the claimed factor.
  var generationSection: Document.Section? {
    guard generations.count > 1, let oldest = generations.first else { return nil }
    let unit = oldest.item.rateUnit
    let series: [RowChart.Series] = [
      .init(id: "own", name: "this project", colour: .accent, shape: nil),
      .init(id: "peer", name: "external runtimes", colour: .blue, shape: nil),
      .init(id: "own-low", name: "this project, lower precision", colour: .earth, shape: nil),
      .init(
        id: "peer-low", name: "external runtimes, lower precision", colour: .purple, shape: nil),
    ]
    let chart = RowChart(
      id: "generations", title: "Software versions on this machine, \(unit)",
      summary:
        "Rates on the same network, batch size and threads, and how many times as fast as the "
        + "oldest each is, turn by turn. Thin lines and brackets are 95 % intervals.",
      axis: .init("Inference", unit: unit, fromZero: true),
      series: series.filter { one in generations.contains { $0.series == one.id } },
      rows: generations.map { item in
        let ratio = item.ratio.map { ", \(NumberFormat.significant($0.times))x" } ?? ""
        return .init(
          item.name,
          marks: [
            .init(
              series: item.series, value: item.itemsPerSecond,
              interval: Wording.range(item.interval),
              text: "\(NumberFormat.significant(item.itemsPerSecond))\(ratio)",
              detail: "\(item.name), \(item.detail): "
                + "\(NumberFormat.significant(item.itemsPerSecond)) "
                + "\(Wording.interval(item.interval)) \(unit)\(ratio)")
          ])
      },
      rules: (oldest.isOwnFloat ? claimedSoftwareGain : nil).map { gain in
        [
          .init(
            .vertical, at: gain * oldest.itemsPerSecond,
            label: "\(Figure.text(gain))x \(oldest.name), as claimed for training"
          )
        ]
      } ?? [])
    let table = DataTable(
      id: "generation-data", caption: "Software versions and external runtimes",
      columns: [
        .init("Software"), .init("What it is"), .init("Rate", unit: unit, isNumber: true),
        .init("Against \(oldest.name)", unit: "x", isNumber: true),
      ],
      rows: generations.map { item in
        [
          .init(item.name), .init(item.detail),
          cell(item.itemsPerSecond, .plain, interval: Wording.interval(item.interval)),
          ratioCell(item, beside: oldest),
        ]
      })
    let newest = generations.last(where: \.isOwnFloat)
    var found: [String] = []
    if let gain = claimedSoftwareGain {
      found.append("The documents claim \(Figure.text(gain))x for training by newer software.")
    }
    if let newest, newest.name != oldest.name {
      found.append(
        newest.ratio.map {
          "Here the newest, \(newest.name), is \(Wording.ratio($0)) as fast as \(oldest.name), in "
            + "inference."
        } ?? "There is no ratio of the newest to the oldest here: \(Wording.noRatio).")
    }
    found += newestBesidePeers
    found += lowerPrecision(beside: oldest)
    if let generationsBasis { found.append(generationsBasis) }
    return Document.Section(
      id: "generations-section", title: "Software versions on one machine", short: "Versions",
      lead: found.joined(separator: " "),
      blocks: [.rows(chart), .folded(table)])
  }

  /// The newest beside the external runtime over which it gains least, one request in flight each,
  /// and beside a faster one with several; without such a runtime, beside the fastest with several.
  private var newestBesidePeers: [String] {
    let peers = generations.filter { $0.isPeer && $0.precision == nil }
    let single = peers.filter { $0.requests == 1 }.compactMap { peer in
      peer.newestRatio.map { (peer: peer, ratio: $0) }
    }
    guard let best = single.min(by: { $0.ratio.times < $1.ratio.times }) else {
      let crowds = peers.filter { $0.requests > 1 && $0.newestRatio != nil }
      guard let most = crowds.max(by: { $0.itemsPerSecond < $1.itemsPerSecond }),
        let ratio = most.newestRatio
      else { return [] }
      return [
        "The newest, with one request in flight, runs at \(Wording.ratio(ratio)) the rate of "
          + "\(most.name) with \(most.requests)."
      ]
    }
    var found = [
      "The newest runs at \(Wording.ratio(best.ratio)) the rate of the fastest external runtime "
        + "with one request in flight, \(best.peer.name)."
    ]
    let several = peers.filter {
      $0.requests > 1 && $0.itemsPerSecond > best.peer.itemsPerSecond
    }
    if let more = several.max(by: { $0.itemsPerSecond < $1.itemsPerSecond }),
      let ratio = more.newestRatio
    {
      found.append(
        "\(more.name) is faster with \(more.requests) in flight: the newest, with one, runs at "
          + "\(Wording.ratio(ratio)) its rate.")
    }
    return found
  }

  /// What the fastest in each lower precision gains over float32, which is no gain of newer software,
  /// and what its answers are worth.
  private func lowerPrecision(beside oldest: Generation) -> [String] {
    generations.compactMap(\.precision).unique.compactMap { precision -> String? in
      let own = generations.filter { !$0.isPeer && $0.precision == precision }
      guard let best = own.max(by: { $0.itemsPerSecond < $1.itemsPerSecond }) else { return nil }
      let rate = "\(NumberFormat.significant(best.itemsPerSecond)) \(best.item.rateUnit)"
      let gain = best.ratio.map { ", \(Wording.ratio($0)) as fast as \(oldest.name)" } ?? ""
      return "In \(precision.rawValue) it is \(rate)\(gain): \(best.detail)."
    }
  }

  private func ratioCell(_ item: Generation, beside oldest: Generation) -> DataTable.Cell {
    if item.name == oldest.name { return .init("1", number: 1) }
    guard let ratio = item.ratio else { return .init("n/a", note: Wording.noRatio, tone: .quiet) }
    return cell(ratio.times, interval: Wording.interval(ratio.interval))
  }
}

extension Report.Generation {
  /// The id of its series.
  fileprivate var series: String { (isPeer ? "peer" : "own") + (precision == nil ? "" : "-low") }
}

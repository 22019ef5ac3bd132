import Economics
import Harness
import Reporter

extension ScalingReport {
  /// The largest number of ranks in a sentence, then every number, then many machines.
  var document: Document {
    var blocks: [Document.Block] = [.table(measured)]
    if fleet.isEmpty {
      blocks.append(
        .paragraph(
          "What many machines would do is not told: these ranks share a machine, whose memory is no "
            + "link between machines. --link-gbit gives one."))
    } else {
      if let fleetAssumption { blocks.append(.paragraph(fleetAssumption)) }
      blocks.append(.table(machines))
    }
    return Document(
      title: "Scaling of \(network)",
      subtitle: "\(cpu), \(Units.count(threads, "thread")) a rank, \(library); links "
        + "\(words(of: measuredLink))",
      answer: answer, blocks: blocks)
  }

  private func words(of link: Link) -> String {
    "of \(Units.number(link.gbPerS)) GB/s and \(Units.number(link.latencyUs)) µs, \(link.basis)"
  }

  private var answer: String {
    guard let most = points.filter({ $0.kind == "weak" }).max(by: { $0.ranks < $1.ranks }) else {
      return "Nothing was measured."
    }
    let difference = 100 * (most.predictedStepMs / most.stepMs - 1)
    let place = most.machines == 1 ? "on 1 machine" : "on \(most.machines) machines"
    return "\(Units.count(most.ranks, "rank")) \(place): \(Units.number(most.imagesPerSecond)) "
      + "images/s, \(Units.percent(100 * most.efficiency)) of \(most.ranks) times one rank's; the "
      + "model's step is \(Units.percent(abs(difference))) \(difference < 0 ? "shorter" : "longer")."
  }

  private var measured: DataTable {
    DataTable(
      id: "ranks", caption: "Ranks, with 95 % intervals over turns",
      columns: [
        .init("Scaling"), .init("Ranks", isNumber: true),
        .init("Machines", isNumber: true, rank: 2), .init("Batch each", isNumber: true, rank: 1),
        .init("Step", unit: "ms", isNumber: true), .init("Predicted", unit: "ms", isNumber: true),
        .init("Waited", unit: "ms", isNumber: true, rank: 1),
        .init("Rate", unit: "images/s", isNumber: true),
        .init("Efficiency", unit: "%", isNumber: true),
      ],
      rows: points.map { (point: Point) -> [DataTable.Cell] in
        [
          .init(point.kind), .init(count: point.ranks), .init(count: point.machines),
          .init(count: point.batchSize),
          .init(
            Units.number(point.stepMs), number: point.stepMs,
            interval: Units.interval(point.stepMsCi95)),
          figure(point.predictedStepMs),
          optional(point.exposedMs), figure(point.imagesPerSecond), figure(100 * point.efficiency),
        ]
      })
  }

  private var machines: DataTable {
    let link = fleetLink.map { words(of: $0) } ?? ""
    let own = machine.map { Units.count($0.threads, "thread") } ?? ""
    return DataTable(
      id: "machines",
      caption: "As many machines like this one, \(own) each, predicted, joined by links \(link)",
      columns: [
        .init("Machines", isNumber: true), .init("Step", unit: "ms", isNumber: true, rank: 1),
        .init("Rate", unit: "images/s", isNumber: true),
        .init("Efficiency", unit: "%", isNumber: true),
        .init("Epochs", unit: "times", isNumber: true, rank: 2),
        .init("To train", unit: "hours", isNumber: true),
        .init("To train", unit: "USD", isNumber: true),
      ],
      rows: fleet.map { (entry: ManyMachines.Entry) -> [DataTable.Cell] in
        [
          .init(count: entry.machines), figure(entry.stepMs), figure(entry.imagesPerSecond),
          figure(100 * entry.efficiency), optional(entry.epochsFactor),
          optional(entry.hoursToTrain), optional(entry.usdToTrain),
        ]
      })
  }

  private func figure(_ value: Double) -> DataTable.Cell {
    .init(Units.number(value), number: value)
  }

  /// A figure, or nothing where there is none.
  private func optional(_ value: Double?) -> DataTable.Cell {
    value.map { figure($0) } ?? .init("")
  }

  /// One row per number of ranks.
  var csv: String {
    let head = [
      "network", "threads", "kind", "ranks", "machines", "batch_size", "step_ms", "step_ms_low",
      "step_ms_high", "predicted_step_ms", "exposed_ms", "images_per_second", "efficiency",
    ]
    let number: (Double?) -> String = CSVReport.number
    return CSVReport.text(
      [head]
        + points.map { point in
          [
            network, "\(threads)", point.kind, "\(point.ranks)", "\(point.machines)",
            "\(point.batchSize)", number(point.stepMs), number(point.stepMsCi95?.first),
            number(point.stepMsCi95?.last), number(point.predictedStepMs), number(point.exposedMs),
            number(point.imagesPerSecond), number(point.efficiency),
          ]
        })
  }
}

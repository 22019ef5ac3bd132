import Harness
import Reporter
import Workloads

extension CheapestAnswer {
  /// The best first in words, then every configuration.
  var document: Document {
    var blocks: [Document.Block] = [.paragraph(notes.joined(separator: " ")), .table(table)]
    if !refusals.isEmpty { blocks.append(.table(refusalTable)) }
    if let line = `repeat` {
      blocks.append(.commands([.init(line, purpose: "measures the cheapest as a case of its own")]))
    }
    return Document(
      title: "The cheapest configuration", subtitle: "\(configurations.count) measured",
      notice: .init(validity, on: noise), answer: sentences.joined(separator: " "), blocks: blocks)
  }

  /// The best, the runner-up, and the best in float32 where that is neither.
  private var sentences: [String] {
    let rate = [Units.number(best.itemsPerSecond), Units.interval(best.itemsPerSecondCi95)]
      .filter { !$0.isEmpty }.joined(separator: " ")
    var sentences = [
      "Cheapest: \(Self.words(best))\(worth(best)): \(rate) \(item.rateUnit), "
        + "\(Units.usd(usd(best))) per \(item.costUnit) at \(Units.usd(usdPerHour)) an hour, "
        + "\(priceBasis)."
    ]
    if let next = followers.first {
      sentences.append("The runner-up, \(behind(next)).")
    }
    let float = followers.dropFirst().first(where: \.configuration.isFloat)
    if let float, !best.isFloat, followers.first?.configuration.isFloat != true {
      sentences.append("In float32 the cheapest, \(behind(float)).")
    }
    return sentences
  }

  /// `batch 1, …, costs 1.04x [1.02, 1.06] as much, $280 per 10⁹ images`.
  private func behind(_ one: CheapestSearch.Follower) -> String {
    let isOpen = (one.costRatioCi95.first ?? 0) <= 1
    return "\(Self.words(one.configuration))\(worth(one.configuration)), costs "
      + "\(Units.ratio(one.costRatio)) \(Units.interval(one.costRatioCi95)) as much, "
      + "\(Units.usd(usd(one.configuration)))"
      + (isOpen ? ": which of the two is cheaper was not told" : "")
  }

  /// What the answers of a lower precision are worth, in brackets.
  private func worth(_ one: CheapestSearch.Configuration) -> String {
    status(one).map { " (\($0))" } ?? ""
  }

  private var notes: [String] {
    let again = configurations.filter { $0.rounds > 1 }
    var notes: [String] = []
    if again.isEmpty {
      notes.append(
        isInterrupted
          ? "It was stopped before the cheapest took turns: each was measured once, so how far the "
            + "next is behind is not known."
          : "Each was measured once.")
    } else {
      let rounds = again.map(\.rounds).max() ?? 0
      notes.append(
        "The cheapest \(again.count) took turns, \(Units.count(rounds, "round")) of fresh "
          + "processes, which their intervals rest on. The others were measured once.")
    }
    notes.append(
      "An interval of one process is of its block means and provisional: what another would differ "
        + "by was not measured.")
    return notes + excluded
  }

  private var table: DataTable {
    DataTable(
      id: "configurations", caption: "Every configuration, the cheapest first, with 95 % intervals",
      columns: [
        .init("Software"), .init("Precision"), .init("Batch", isNumber: true),
        .init("Threads", isNumber: true), .init("Instances", isNumber: true),
        .init("Rate", unit: item.rateUnit, isNumber: true),
        .init("Cost", unit: "USD per \(item.costUnit)", isNumber: true),
        .init("Memory", unit: "MiB", isNumber: true, rank: 1),
      ],
      rows: configurations.map { one -> [DataTable.Cell] in
        let cost = usd(one)
        return [
          .init(one.software), .init(one.precision, note: status(one) ?? ""),
          .init(count: one.batchSize), .init(count: one.threads), .init(count: one.instances),
          .init(
            Units.number(one.itemsPerSecond), number: one.itemsPerSecond,
            interval: Units.interval(one.itemsPerSecondCi95)),
          .init(Units.number(cost), number: cost, tone: one == best ? .good : .plain),
          .init("\(one.peakMemoryBytes >> 20)", number: Double(one.peakMemoryBytes)),
        ]
      })
  }

  private var refusalTable: DataTable {
    DataTable(
      id: "refusals", caption: "Configurations without a speed",
      columns: [
        .init("Software"), .init("Precision"), .init("Batch", isNumber: true),
        .init("Threads", isNumber: true), .init("Instances", isNumber: true), .init("Why"),
      ],
      rows: refusals.map { one in
        [
          .init(one.engine), .init(one.precision), .init(count: one.batchSize),
          .init(count: one.threads), .init(count: one.instances), .init(one.reason, tone: .bad),
        ]
      })
  }

  /// One row per configuration, then one for each that has no speed.
  var csv: String {
    let cost =
      item == .image
      ? "usd_per_billion_images"
      : item == Self.position ? "usd_per_million_positions" : "usd_per_million_items"
    let head = [
      "batch_size", "threads", "instances", "item", "items_per_second", "items_per_second_ci95_low",
      "items_per_second_ci95_high", cost, "peak_memory_bytes", "usd_per_hour", "price_basis",
      "cheapest", "precision", "accuracy", "engine", "origin_version", "rounds", "cost_ratio",
      "cost_ratio_ci95_low", "cost_ratio_ci95_high", "reason",
    ]
    let number: (Double?) -> String = CSVReport.number
    let measured = configurations.map { one -> [String] in
      let follower = followers.first { $0.configuration == one }
      return [
        "\(one.batchSize)", "\(one.threads)", "\(one.instances)", item.name,
        number(one.itemsPerSecond), number(one.itemsPerSecondCi95?.first),
        number(one.itemsPerSecondCi95?.last), number(usd(one)), "\(one.peakMemoryBytes)",
        number(usdPerHour), priceBasis, "\(one == best)", one.precision, recordedStatus(one),
        one.engine, one.origin?.version ?? "", "\(one.rounds)", number(follower?.costRatio),
        number(follower?.costRatioCi95.first), number(follower?.costRatioCi95.last), "",
      ]
    }
    let refused = refusals.map { one -> [String] in
      [
        "\(one.batchSize)", "\(one.threads)", "\(one.instances)", item.name, "", "", "", "", "",
        number(usdPerHour), priceBasis, "false", one.precision, "", one.engine, "", "", "", "", "",
        one.reason,
      ]
    }
    return CSVReport.text([head] + measured + refused)
  }
}

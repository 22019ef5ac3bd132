import Foundation
import Harness

/// What the public records show.
extension Findings {
  /// Whether the gap between claimed inference cost and best record is a power of ten, and of what.
  func unitSlip() throws -> Finding? {
    let frontier = Frontier(try PublicRecord.inferenceCosts(records))
    guard let claimed = stated("inference-cost-1b-end", "usd", "claimed for 10⁹ images"),
      let best = frontier.points.last
    else { return nil }
    let gap = best.value / claimed.value
    let power = log10(gap)
    let nearest = power.rounded()
    // A tenth of an order of magnitude: a factor of 1.26 either way.
    guard nearest >= 2, abs(power - nearest) < 0.1 else { return nil }
    let images = pow(10, 9 - nearest)
    let price = best.value / pow(10, nearest)
    return Finding(
      id: "inference-unit-slip",
      title:
        "The claimed inference cost is low by a factor of 10\(Units.superscript(Int(nearest)))",
      statement: """
        The best public record is \(Figure.text(best.value)) USD for 10⁹ images; the claim is \
        \(Figure.text(claimed.value)) USD, \(Units.ratio(gap)) less. That record's price \
        for \(Figure.text(images)) images is \(Figure.text(price)) USD, the figure claimed.
        """,
      inputs: [claimed, input(best, "cheapest 10⁹ images on record")],
      inference: """
        The figure is the price of \(Figure.text(images)) images, not of 10⁹: a slip of \
        10\(Units.superscript(Int(nearest))). No source says so.
        """,
      claims: ["inference-cost-1b-end", "inference-cost-curve", "cost-declines-10-100x"])
  }

  /// For how long the records kept the claimed yearly factor.
  func shortLivedPace() throws -> Finding? {
    let frontier = Frontier(try PublicRecord.trainingCosts(records))
    guard let claimed = stated("train-cost-decline-10x-per-year", "ratio", "claimed, per year"),
      let held = frontier.longestSpan(atLeast: claimed.value),
      let rest = frontier.rest(after: held.to), rest.ratioPerYear < claimed.value,
      let whole = frontier.whole
    else { return nil }
    return Finding(
      id: "tenfold-for-eleven-months",
      title: """
        Ten times cheaper a year held for \(Figure.text(held.months.rounded())) months
        """,
      statement: """
        From \(held.from.date) to \(held.to.date) training records fell \
        \(Figure.text(held.ratio))x, at a rate of \(Figure.text(held.ratioPerYear))x a year; from \
        then to \(rest.to.date) at \(Figure.text(rest.ratioPerYear))x a year. From the first \
        record to the last it is \(Figure.text(whole.ratioPerYear))x a year.
        """,
      inputs: [
        claimed, input(held.from, "first record"), input(held.to, "record that ended the fall"),
        input(rest.to, "last record"),
      ],
      claims: ["train-cost-decline-10x-per-year", "train-cost-resnet50-1usd-projection"])
  }

  /// Two machines whose filed prices are each other's list prices.
  func swappedPrices() throws -> Finding? {
    let prices = try PriceCatalogue(records).entries
    let filed = prices.filter { $0.region == "unspecified" }
    func list(_ instance: String) -> PriceCatalogue.Entry? {
      prices.filter { $0.instance == instance && $0.region != "unspecified" }
        .min { $0.asOf < $1.asOf }
    }
    for (index, a) in filed.enumerated() {
      for b in filed.dropFirst(index + 1) where a.asOf == b.asOf && a.usdPerHour != b.usdPerHour {
        guard let listA = list(a.instance), let listB = list(b.instance),
          a.usdPerHour == listB.usdPerHour, b.usdPerHour == listA.usdPerHour
        else { continue }
        let costs = try [(a, listA), (b, listB)].compactMap { try recosted($0, at: $1) }
        return Finding(
          id: "dawnbench-price-swap",
          title: "Two DAWNBench entries of 2017 file each other's price",
          statement: """
            \(a.instance) is filed at \(Figure.text(a.usdPerHour)) and \(b.instance) at \
            \(Figure.text(b.usdPerHour)) USD an hour; the price list has them the other way \
            round. At list prices \(costs.map(\.text).joined(separator: " and ")).
            """,
          inputs: [
            (a, "as filed"), (listA, "on the list"), (b, "as filed"), (listB, "on the list"),
          ].map { entry, place in
            Finding.Input(
              label: "\(entry.instance) \(place)", value: entry.usdPerHour, unit: "USD/h",
              source: entry.source)
          } + costs.map(\.input),
          inference: "The two prices were swapped when the entries were filed; nobody has said so.",
          claims: ["train-cost-resnet50-2017", "train-cost-100-fold-2017-2019"])
      }
    }
    return nil
  }

  /// What the training entry on an instance would have cost at another price.
  private func recosted(
    _ filed: PriceCatalogue.Entry, at list: PriceCatalogue.Entry
  ) throws -> (text: String, input: Finding.Input)? {
    let table = try records.table("dawnbench_imagenet_train")
    guard
      let row = table.rows.indices.first(where: {
        table.text($0, "hardware").contains("[\(filed.instance)]")
      }), let hours = table.number(row, "hours_to_threshold"),
      let cost = table.number(row, "usd_to_threshold")
    else { return nil }
    return (
      "\(Figure.text(cost)) USD becomes \(Figure.text(hours * list.usdPerHour)) USD",
      Finding.Input(
        label: "hours on \(filed.instance)", value: hours, unit: "h",
        source: table.text(row, "source"))
    )
  }

  /// An entry whose stamp is a year before the file that holds it.
  func mistypedDate() throws -> Finding? {
    let costs = try PublicRecord.inferenceCosts(records) + PublicRecord.trainingCosts(records)
    guard let record = costs.first(where: { !$0.note.isEmpty }) else { return nil }
    return Finding(
      id: "dawnbench-date-typo", title: "A DAWNBench entry is stamped a year too early",
      statement: """
        An entry of \(Figure.text(record.value)) \(record.unit) on \(record.hardware) is \
        \(record.note) here. By its stamp the record would have stood a year earlier.
        """,
      inputs: [input(record, "the entry")],
      inference: "The year of the stamp is a slip; the commit and the framework's version agree.",
      claims: ["inference-cost-curve"])
  }

  /// A column whose numbers are a thousandth of what its heading says.
  func mislabelledUnit() throws -> Finding? {
    let table = try records.table("openai_ai_and_efficiency_table3")
    let rows = table.rows.indices.compactMap { row -> (printed: Double, computed: Double)? in
      guard let printed = table.number(row, "printed_value_table3"),
        let epochs = table.number(row, "epochs_to_alexnet_level"),
        let gmac = table.number(row, "gmac_per_image_used")
      else { return nil }
      return (printed, epochs * gmac * 1e9 * 1.28e6 * 3 / 1e15)
    }
    let worst = rows.map { abs($0.printed / $0.computed - 1) }.max() ?? 1
    guard rows.count > 3, worst < 0.01 else { return nil }
    return Finding(
      id: "openai-table3-unit", title: "A table labelled teraflop/s-days holds petaMACs",
      statement: """
        All \(rows.count) rows are epochs × multiply-adds an image × 1.28×10⁶ images × 3 in units \
        of 10¹⁵, to within \(Figure.text((worst * 1000).rounded() / 10)) %; teraflop/s-days would \
        be 86.4x less.
        """,
      inputs: [
        Finding.Input(
          label: "largest difference over all rows", value: worst, unit: "relative",
          source: "openai_ai_and_efficiency_table3.csv")
      ],
      inference: "The heading is wrong, not the numbers: the published file agrees after 86.4.",
      claims: ["alexnet-44x"])
  }
}

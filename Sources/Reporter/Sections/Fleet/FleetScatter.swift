import Economics
import Harness

/// Machine types by rate and cost, a small picture for each case of a network.
struct FleetScatter {
  let fleet: FleetComparison

  init(_ fleet: FleetComparison) { self.fleet = fleet }

  /// As many pictures as a page is looked through for.
  private static let most = 24

  /// Nil where no case has a rate and a cost of two types.
  var section: Document.Section? {
    let charts = fleet.cases.filter(\.kind.isNetwork).compactMap { chart(of: $0) }
    guard !charts.isEmpty else { return nil }
    let numbered = charts.prefix(Self.most).enumerated().map { place, chart -> Document.Block in
      var chart = chart
      chart.id = "fleet-scatter-\(place + 1)"
      return .chart(chart)
    }
    let hasFront = fleet.cases.contains { $0.entries.contains { $0.front == .on } }
    let front =
      hasFront
      ? "The line joins the types that no other beats in both, by their medians."
      : "There is no front, as no two types have a price of their own: with one price per CPU for "
        + "all, cost tells nothing that speed does not."
    let more =
      charts.count > Self.most
      ? " The first \(Self.most) of \(charts.count) cases are drawn." : ""
    return Document.Section(
      id: "fleet-scatter", title: "Cost against rate", short: "Cost and rate",
      lead: "Further to the right is faster, further down is cheaper. " + front + more,
      blocks: numbered, isBrief: false)
  }

  private func chart(of item: FleetComparison.Case) -> Chart? {
    let placed = item.entries.compactMap { entry -> (FleetComparison.Entry, Chart.Point)? in
      point(of: entry, item).map { (entry, $0) }
    }
    guard placed.count > 1, let unit = item.costUnit else { return nil }
    var series = placed.compactMap { entry, point in mark(of: entry.machineType, point) }
    let front = placed.filter { $0.0.front == .on }.map(\.1).sorted { $0.x < $1.x }
    if front.count > 1 {
      series.append(
        Chart.Series(
          id: "front", name: "front", colour: .grey, form: .line,
          points: front.map { Chart.Point(x: $0.x, y: $0.y) }))
    }
    return Chart(
      id: "fleet-scatter", title: FleetTables.title(of: item),
      summary: "Rate and cost of \(Units.count(placed.count, "machine type")); the line through a "
        + "mark is the interval of its cost.",
      x: .init("Rate", unit: item.rateUnit),
      y: .init("Cost", unit: "USD per \(unit)", format: .usd), series: series, height: 240,
      isSmall: true)
  }

  private func point(
    of entry: FleetComparison.Entry, _ item: FleetComparison.Case
  ) -> Chart.Point? {
    guard let rate = entry.rate, let usd = entry.usd else { return nil }
    let name = fleet.machineType(entry.machineType)?.name ?? ""
    let place = entry.front.map { front in
      switch front {
      case .on: ", on the front"
      case .beaten: ", beaten in both"
      case .open: ", off the front, intervals overlap"
      }
    }
    return Chart.Point(
      x: rate, y: usd, interval: Wording.range(entry.usdInterval), label: entry.machineType,
      detail: "\(entry.machineType) (\(name.clipped(to: 60))), \(entry.id): "
        + "\(NumberFormat.significant(rate)) \(Wording.interval(entry.rateInterval)) "
        + "\(item.rateUnit), \(NumberFormat.usd.text(usd)) "
        + "\(Wording.interval(entry.usdInterval, .usd))\(place ?? "")")
  }

  /// One type, in the colour and shape that it has in every picture.
  private func mark(of letter: String, _ point: Chart.Point) -> Chart.Series? {
    guard let place = fleet.machineTypes.firstIndex(where: { $0.letter == letter }) else {
      return nil
    }
    let shapes = Chart.Shape.allCases
    return Chart.Series(
      id: "type-\(letter)", name: "\(letter): \(fleet.machineTypes[place].name.clipped(to: 50))",
      colour: place == 0 ? .accent : Palette.series(place - 1),
      form: .points(shapes[place % shapes.count]), points: [point])
  }
}

import Economics
import Harness
import Reporter

/// Pictures of how a step scales: rates over numbers of ranks or machines, both logarithmic, with the
/// line of a rate that grows as they do.
struct ScalingCharts {
  let report: ScalingReport

  /// What was measured, beside the model.
  var ranks: Chart {
    let kinds = ["weak", "strong"].filter { kind in report.points.contains { $0.kind == kind } }
    let series = kinds.enumerated().flatMap { place, kind in
      self.series(of: kind, place: place, isAlone: kinds.count == 1)
    }
    return Chart(
      id: "scaling-ranks", title: "Rate by number of ranks, \(report.network)",
      summary: "Measured rates with their 95 % intervals, the model's, and the rate of one rank "
        + "times their number.",
      x: .init("Ranks", kind: .logarithmic),
      y: .init("Rate", unit: "images/s", kind: .logarithmic), series: series)
  }

  /// One way of sharing images: the ideal, the model and what was measured.
  private func series(of kind: String, place: Int, isAlone: Bool) -> [Chart.Series] {
    let points = report.points.filter { $0.kind == kind }
    guard let one = points.first, let most = points.last else { return [] }
    let name = isAlone ? "" : ", \(kind)"
    let measured = points.map { (point: ScalingReport.Point) -> Chart.Point in
      Chart.Point(
        x: Double(point.ranks), y: point.imagesPerSecond,
        interval: Wording.range(point.imagesPerSecondCi95), label: "\(point.ranks)",
        detail: detail(of: point))
    }
    let model = points.map { (point: ScalingReport.Point) -> Chart.Point in
      let images = Double(point.ranks * point.batchSize)
      return Chart.Point(x: Double(point.ranks), y: 1e3 * images / point.predictedStepMs)
    }
    let ends = [1, most.ranks].map { count in
      Chart.Point(x: Double(count), y: Double(count) * one.imagesPerSecond)
    }
    let shape = Chart.Shape.allCases[place % Chart.Shape.allCases.count]
    return [
      Chart.Series(
        id: "ideal-\(kind)", name: "ideal\(name)", colour: .grey, form: .line, points: ends),
      Chart.Series(
        id: "model-\(kind)", name: "model\(name)", colour: Palette.series(place), form: .line,
        points: model),
      Chart.Series(
        id: "measured-\(kind)", name: "measured\(name)",
        colour: place == 0 ? .accent : .earth, form: .points(shape), points: measured),
    ]
  }

  private func detail(of point: ScalingReport.Point) -> String {
    "\(Units.count(point.ranks, "rank")) on \(Units.count(point.machines, "machine")), "
      + "\(Units.count(point.batchSize, "image")) each: \(Units.number(point.imagesPerSecond)) "
      + "\(Units.interval(point.imagesPerSecondCi95)) images/s, "
      + "\(Units.percent(100 * point.efficiency)) of ideal"
  }

  /// As many machines as one, predicted; nil where nothing is.
  var machines: Chart? {
    guard let one = report.fleet.first, let most = report.fleet.last else { return nil }
    let predicted = report.fleet.map { (entry: ManyMachines.Entry) -> Chart.Point in
      Chart.Point(
        x: Double(entry.machines), y: entry.imagesPerSecond,
        detail: "\(Units.count(entry.machines, "machine")): "
          + "\(Units.number(entry.imagesPerSecond)) images/s, "
          + "\(Units.percent(100 * entry.efficiency)) of ideal")
    }
    let ends = [one, most].map { (entry: ManyMachines.Entry) -> Chart.Point in
      Chart.Point(x: Double(entry.machines), y: Double(entry.machines) * one.imagesPerSecond)
    }
    return Chart(
      id: "scaling-machines", title: "Rate by number of machines, predicted, \(report.network)",
      summary: "The model's rates for machines like this one, and the rate of one times their "
        + "number.",
      x: .init("Machines", kind: .logarithmic),
      y: .init("Rate", unit: "images/s", kind: .logarithmic),
      series: [
        Chart.Series(id: "ideal", name: "ideal", colour: .grey, form: .line, points: ends),
        Chart.Series(
          id: "predicted", name: "predicted", colour: .accent, form: .lineAndPoints(.circle),
          points: predicted),
      ])
  }
}

import Economics
import Harness

extension Report {
  /// Claimed and real cost of inference and of training, with this machine among them.
  var costSection: Document.Section? {
    guard let costs else { return nil }
    let inference = inferenceChart
    let training = trainingChart
    guard inference != nil || training != nil else { return nil }
    var blocks: [Document.Block] = [.table(standingTable(costs))]
    if let inference {
      blocks += [.chart(inference), .folded(table(of: inference, id: "inference-cost-data"))]
    }
    if let training {
      blocks += [.chart(training), .folded(table(of: training, id: "training-cost-data"))]
    }
    return Document.Section(
      id: "cost", title: "Cost curves", short: "Cost",
      lead: "What the documents claim, what others have paid, and what this machine would cost. "
        + "Lines are whole in the years that they are stated for and dashed beyond. "
        + "'This machine at \(Self.atPeak)' is its price if the measured peak did nothing but the "
        + "textbook's operations; an algorithm that saves some may beat it.",
      blocks: blocks)
  }

  /// What the bound by the measured peak is called in the table and in the charts.
  private static let atPeak = "its FMA peak, direct operations"

  /// The headline prices in figures: what is claimed, the best on record, this machine.
  private func standingTable(_ costs: Costs) -> DataTable {
    let here = [
      record.cheapestInference?.derived.usdPerBillionImages,
      record.cheapestTraining?.derived.usdToTrain,
    ]
    let intervals = [
      record.cheapestInference?.derived.usdPerBillionImagesCi95,
      record.cheapestTraining?.derived.usdToTrainCi95,
    ]
    func claimed(_ curves: [Curve]) -> DataTable.Cell {
      guard let curve = curves.first(where: { $0.basis == .claimed }) else { return cell(nil) }
      let end = curve.validity.upperBound
      return cell(
        curve.value(at: end).value, .usd, interval: "(\(String(describing: end).prefix(4)))")
    }
    func best(_ rows: [PublicRecord]) -> DataTable.Cell {
      guard let best = rows.min(by: { $0.value < $1.value }) else { return cell(nil) }
      return cell(
        best.value, .usd, interval: "(\(best.date.description.prefix(4)))",
        note: "\(best.model), \(best.hardware)")
    }
    return DataTable(
      id: "standing", caption: "Where this machine stands",
      columns: [
        .init("What"), .init("To classify 10⁹ images", unit: "USD", isNumber: true),
        .init("To train ResNet-50", unit: "USD", isNumber: true),
      ],
      rows: [
        [
          .init("The documents' last stated figure"), claimed(costs.inferenceCurves),
          claimed(costs.trainingCurves),
        ],
        [
          .init("The cheapest public record"), best(costs.inference + costs.cpuInference),
          best(costs.training + costs.cpuTraining),
        ],
        [.init("This machine, measured")]
          + zip(here, intervals).map { cell($0, .usd, interval: Wording.interval($1, .usd)) },
        [
          .init("This machine at \(Self.atPeak)"),
          cell(costs.inferenceAtPeak, .usd),
          cell(costs.trainingAtPeak, .usd),
        ],
      ], isSortable: false)
  }

  /// What 10^9 classified images cost, 2012 to today.
  package var inferenceChart: Chart? {
    guard let costs else { return nil }
    let here = record.cheapestInference.flatMap { item in
      item.derived.usdPerBillionImages.map { usd in
        Own(
          usd: usd, interval: item.derived.usdPerBillionImagesCi95,
          detail: "\(Wording.configuration(item)), \(Wording.price(record.price))")
      }
    }
    return costChart(
      id: "inference-cost", title: "Cost to classify 10⁹ images",
      unit: "USD per 10⁹ images", curves: costs.inferenceCurves,
      records: [
        ("DAWNBench", costs.inference), ("CPU results at list prices", costs.cpuInference),
      ],
      here: here, atPeak: costs.inferenceAtPeak)
  }

  /// What training ResNet-50 to its accuracy costs, 2012 to today.
  package var trainingChart: Chart? {
    guard let costs else { return nil }
    let here = record.cheapestTraining.flatMap { item in
      item.derived.usdToTrain.map { usd in
        Own(
          usd: usd, interval: item.derived.usdToTrainCi95,
          detail: "90 epochs extrapolated from the step, \(Wording.configuration(item)), "
            + Wording.price(record.price))
      }
    }
    return costChart(
      id: "training-cost", title: "Cost to train ResNet-50 on ImageNet", unit: "USD",
      curves: costs.trainingCurves,
      records: [("DAWNBench", costs.training), ("CPU clusters at list prices", costs.cpuTraining)],
      here: here, atPeak: costs.trainingAtPeak)
  }

  /// This machine's point.
  private struct Own {
    var usd: Double
    var interval: [Double]?
    var detail: String
  }

  private func costChart(
    id: String, title: String, unit: String, curves: [Curve],
    records: [(name: String, rows: [PublicRecord])], here: Own?, atPeak: Double?
  ) -> Chart? {
    let today = CalendarDay.parse(record.context.date) ?? 0
    let rows = records.flatMap(\.rows)
    guard !rows.isEmpty || here != nil, today > 0 else { return nil }
    let start = Double(CalendarDay.days(year: 2012, month: 1, day: 1))
    let span = start...today + 500
    let stated = curves.flatMap { curve in
      [curve.validity.lowerBound, curve.validity.upperBound].map { curve.value(at: $0).value }
    }
    let values = rows.map(\.value) + [here?.usd, atPeak].compactMap { $0 } + stated
    let lines = curves.map { line($0, over: span, colour: colour($0)) }
    let shapes: [Chart.Shape] = [.circle, .triangle]
    let points = records.enumerated().filter { !$0.element.rows.isEmpty }.map { index, group in
      publicSeries(
        group.rows, id: "\(id)-records-\(index)", name: group.name, unit: unit,
        colour: index == 0 ? .grey : .green, shape: shapes[index % shapes.count])
    }
    var own: [Chart.Series] = []
    if let atPeak {
      let text = "\(NumberFormat.usd.text(atPeak)) \(unit): the measured FMA peak at today's price"
      own.append(
        .init(
          id: "\(id)-peak", name: Self.atPeak, colour: .accent,
          form: .points(.ring),
          points: [
            .init(
              x: today, y: atPeak, label: "FMA peak \(NumberFormat.usd.text(atPeak))",
              detail: text, rank: 8)
          ]))
    }
    if let here {
      own.append(
        machineSeries(id: "\(id)-machine", value: here, at: today, unit: unit))
    }
    let summary = costSummary(curves, rows: rows, here: here)
    return Chart(
      id: id, title: title, summary: summary,
      x: .init("Date", kind: .time, domain: span),
      y: .init(
        title, unit: unit.replacing("USD per 10⁹ images", with: "USD"), kind: .logarithmic,
        format: .usd, domain: Scale.domain(of: values, kind: .logarithmic)),
      series: lines + points + own, height: 460)
  }

  private func colour(_ curve: Curve) -> Palette {
    switch curve.basis {
    case .claimed: .blue
    case .measured: .earth
    case .hypothesis: .purple
    }
  }

  /// What the picture tells, in words: the claim, the cheapest record, this machine.
  private func costSummary(_ curves: [Curve], rows: [PublicRecord], here: Own?) -> String {
    var sentences: [String] = []
    if let claim = curves.first(where: { $0.basis == .claimed }) {
      let ends = [claim.validity.lowerBound, claim.validity.upperBound].map { day in
        "\(NumberFormat.usd.text(claim.value(at: day).value)) in \(String(describing: day).prefix(4))"
      }
      sentences.append("The documents claim a fall from \(ends[0]) to \(ends[1]).")
    }
    if let fit = curves.lazy.compactMap(\.fit).first {
      sentences.append("The best on record fell \(pace(fit)).")
    }
    if let best = rows.min(by: { $0.value < $1.value }) {
      let price = NumberFormat.usd.text(best.value)
      sentences.append(
        "The cheapest of \(rows.count) public records is \(price) (\(best.date), \(best.model)).")
    }
    if let here { sentences.append("This machine: \(NumberFormat.usd.text(here.usd)).") }
    return sentences.joined(separator: " ")
  }

  /// Public records as points; the cheapest of each year and model gets room for its label first.
  func publicSeries(
    _ rows: [PublicRecord], id: String, name: String, unit: String, colour: Palette,
    shape: Chart.Shape
  ) -> Chart.Series {
    var best = Double.infinity
    var named: Set<String> = []
    let ranked = rows.sorted { $0.date < $1.date }.map { row -> Chart.Point in
      let isRecord = row.value < best
      best = min(best, row.value)
      // A label that stands there already is told apart by its place; hover has the rest.
      let short = shortName(row)
      let what = [row.model, row.hardware].filter { !$0.isEmpty }.joined(separator: ", ")
      let note = row.note.isEmpty ? "" : " (\(row.note))"
      return .init(
        x: Double(row.date.number), y: row.value, label: named.insert(short).inserted ? short : nil,
        detail: Wording.powers(
          "\(what): \(NumberFormat.significant(row.value)) \(unit), \(row.date)\(note). "
            + "Source: \(row.source)"),
        rank: isRecord ? 2 : 0)
    }
    return .init(id: id, name: name, colour: colour, form: .points(shape), points: ranked)
  }

  /// The hardware in a word or two, or the model where no hardware is on record.
  private func shortName(_ row: PublicRecord) -> String {
    let hardware = row.hardware.split(separator: " / ").first.map(String.init) ?? ""
    let brief = hardware.split(separator: " (").first.map(String.init) ?? ""
    // `Amazon EC2 [c5.4xlarge]` is told by what stands in the brackets.
    let instance = brief.split(separator: "[").last.map { $0.filter { $0 != "]" } } ?? ""
    let times = instance.replacing(/\s?\*\s?/, with: " × ")
    return (times.isEmpty ? row.model : times).clipped(to: 26)
  }

  private func machineSeries(id: String, value: Own, at day: Double, unit: String) -> Chart.Series {
    let bounds = value.interval.flatMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]...$0[1] : nil }
    let text =
      "This machine: \(NumberFormat.usd.text(value.usd)) "
      + "\(Wording.interval(value.interval, .usd)) \(unit). \(value.detail)"
    return .init(
      id: id, name: "this machine", colour: .accent, form: .points(.star),
      points: [
        .init(
          x: day, y: value.usd, interval: bounds,
          label: "this machine \(NumberFormat.usd.text(value.usd))", detail: text, rank: 9)
      ])
  }

  /// What a chart shows, as a table for those who cannot see it or want the sources.
  func table(of chart: Chart, id: String) -> DataTable {
    let isTime = chart.x.kind == .time
    let rows = chart.series.flatMap { series -> [[DataTable.Cell]] in
      if isTime, series.form == .line || series.form == .steps { return [] }
      return series.points.map { point in
        [
          .init(series.name),
          isTime
            ? .init(CalendarDay.text(point.x), number: point.x) : cell(point.x),
          cell(point.y), .init(point.detail),
        ]
      }
    }
    return DataTable(
      id: id, caption: "Data of the chart: \(chart.title)",
      columns: [
        .init("Series"), .init(chart.x.title, unit: chart.x.unit, isNumber: true),
        .init("Value", unit: chart.y.unit, isNumber: true), .init("What it is"),
      ], rows: rows)
  }
}

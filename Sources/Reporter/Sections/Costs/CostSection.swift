import Economics
import Harness

extension Report {
  /// Claimed and real cost of inference and of training, with this machine among them.
  var costSection: Document.Section? {
    guard let costs else { return nil }
    let inference = inferenceChart
    let training = trainingChart
    guard inference != nil || training != nil else { return nil }
    let readings = [
      costReading("To classify 10⁹ images", costs.inferenceCurves, costs.inferenceStated),
      costReading("To train ResNet-50", costs.trainingCurves, costs.trainingStated),
    ]
    var blocks: [Document.Block] = [.table(standingTable(costs))]
    blocks += readings.filter { !$0.isEmpty }.map { .paragraph($0) }
    if let inference {
      blocks += [.chart(inference), .folded(table(of: inference, id: "inference-cost-data"))]
    }
    if let training {
      blocks += [.chart(training), .folded(table(of: training, id: "training-cost-data"))]
    }
    let lower =
      costs.inferenceAtLowerPeak.isEmpty && costs.trainingAtLowerPeak.isEmpty
      ? "" : ", and so may lower precision, whose price has a star and a bound of its own"
    return Document.Section(
      id: "cost", title: "Cost curves", short: "Cost",
      lead:
        "What the documents state, what others have paid, and what ResNet-50 would cost on this "
        + "machine. Diamonds are the documents' figures, put at the dates that they give or, where "
        + "they give none, at ours; the lines are drawn by us. "
        + "'This machine at \(Self.atPeak)' is its price if the measured peak did nothing but the "
        + "direct operations; an algorithm that saves some may beat it\(lower).",
      blocks: blocks)
  }

  /// What the bound by the measured peak is called in the table and in the charts.
  static let atPeak = "its FMA peak, direct operations"
  /// What that of a lower precision is called.
  static func atPeak(of precision: CaseID.Precision) -> String { "its \(precision.rawValue) peak" }

  /// float32 and those below it.
  private static var precisions: [CaseID.Precision?] {
    [nil] + CaseID.Precision.allCases.map(Optional.some)
  }

  /// What 10⁹ classified images cost, 2012 to today.
  package var inferenceChart: Chart? {
    guard let costs else { return nil }
    return costChart(
      id: "inference-cost", title: "Cost to classify 10⁹ images",
      unit: "USD per 10⁹ images", curves: costs.inferenceCurves, stated: costs.inferenceStated,
      records: [
        ("DAWNBench", costs.inference), ("CPU results at list prices", costs.cpuInference),
      ],
      here: ownCosts(.infer), atPeak: costs.inferenceAtPeak,
      atLowerPeak: costs.inferenceAtLowerPeak)
  }

  /// What training ResNet-50 to its accuracy costs, 2012 to today.
  package var trainingChart: Chart? {
    guard let costs else { return nil }
    return costChart(
      id: "training-cost", title: "Cost to train ResNet-50 on ImageNet", unit: "USD",
      curves: costs.trainingCurves, stated: costs.trainingStated,
      records: [("DAWNBench", costs.training), ("CPU clusters at list prices", costs.cpuTraining)],
      here: ownCosts(.train), atPeak: costs.trainingAtPeak,
      atLowerPeak: costs.trainingAtLowerPeak)
  }

  private func ownCosts(_ kind: CaseRecord.Kind) -> [OwnCost] {
    Self.precisions.compactMap { ownCost(kind, in: $0) }
  }

  private func costChart(
    id: String, title: String, unit: String, curves: [Curve], stated: [StatedFigure],
    records: [(name: String, rows: [PublicRecord])], here: [OwnCost], atPeak: Double?,
    atLowerPeak: [CaseID.Precision: Double]
  ) -> Chart? {
    let today = CalendarDay.parse(record.context.date) ?? 0
    let rows = records.flatMap(\.rows)
    guard !rows.isEmpty || !here.isEmpty, today > 0 else { return nil }
    let start = Double(Day.number(year: 2012, month: 1, day: 1))
    let span = start...today + 500
    let ends = curves.flatMap { curve in
      [curve.validity.lowerBound, curve.validity.upperBound].map { curve.value(at: $0).value }
    }
    var values = rows.map(\.value) + here.map(\.usd) + ends + stated.map(\.value)
    values += [atPeak].compactMap { $0 }
    values += atLowerPeak.values
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
    for precision in CaseID.Precision.allCases {
      guard let usd = atLowerPeak[precision] else { continue }
      let price = NumberFormat.usd.text(usd)
      let what = "the measured peak of products of \(precision.multiplied)"
      own.append(
        .init(
          id: "\(id)-\(precision.rawValue)-peak", name: Self.atPeak(of: precision),
          colour: precision.colour, form: .points(.ring),
          points: [
            .init(
              x: today, y: usd, label: "\(precision.rawValue) peak \(price)",
              detail: "\(price) \(unit): \(what) at today's price", rank: 8)
          ]))
    }
    own += here.map { machineSeries(id: "\(id)-machine", value: $0, at: today, unit: unit) }
    return Chart(
      id: id, title: title,
      summary: costSummary(rows, here: here),
      x: .init("Date", kind: .time, domain: span),
      y: .init(
        title, unit: "USD", kind: .logarithmic, format: .usd,
        domain: Scale.domain(of: values, kind: .logarithmic)),
      series: lines + points + statedSeries(stated, id: id, unit: unit) + own, height: 460)
  }

  private func colour(_ curve: Curve) -> Palette {
    switch curve.basis {
    case .claimed: .blue
    case .measured: .earth
    case .hypothesis: .purple
    }
  }

  private func machineSeries(
    id: String, value: OwnCost, at day: Double, unit: String
  ) -> Chart.Series {
    let (item, precision) = (value.item, value.item.name.precision)
    let suffix = precision.map { "-\($0.rawValue)" } ?? ""
    let step = item.kind == .train ? "\(Wording.target(item)) extrapolated from the step, " : ""
    let text =
      "T\(value.name.dropFirst()): \(NumberFormat.usd.text(value.usd)) "
      + "\(Wording.interval(value.interval, .usd)) \(unit). "
      + "\(step)\(Wording.configuration(item)), \(Wording.price(record.price))"
    return .init(
      id: id + suffix, name: value.name, colour: precision?.colour ?? .accent,
      form: .points(.star),
      points: [
        .init(
          x: day, y: value.usd, interval: Wording.range(value.interval),
          label: "\(value.name) \(NumberFormat.usd.text(value.usd))", detail: text, rank: 9)
      ])
  }
}

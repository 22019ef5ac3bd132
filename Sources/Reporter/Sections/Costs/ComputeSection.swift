import Economics

extension Report {
  /// Compute of headline training runs against what this machine does in a day, month and year.
  var computeSection: Document.Section? {
    guard let compute, let chart = computeChart else { return nil }
    let table = DataTable(
      id: "compute-here", caption: "What this machine computes at \(compute.basis)",
      columns: [
        .init("Time"), .init("Compute", unit: "petaflop/s-days", isNumber: true),
        .init("Largest charted run that fits"),
      ],
      rows: [
        ("a day", compute.pfsDaysPerDay), ("a month", compute.pfsDaysPerMonth),
        ("a year", compute.pfsDaysPerYear),
      ].map { name, value in
        let fitting = compute.runs.filter { $0.value <= value }.max { $0.value < $1.value }
        let text = fitting.map { "\($0.model), \($0.date), \(NumberFormat.significant($0.value))" }
        return [.init(name), cell(value), .init(text ?? "none")]
      })
    var blocks: [Document.Block] = [.chart(chart), .table(table)]
    if let countedTable { blocks.append(.table(countedTable)) }
    if let countedNotes { blocks.append(.paragraph(countedNotes)) }
    blocks.append(.folded(self.table(of: chart, id: "compute-data")))
    return Document.Section(
      id: "compute", title: "Compute growth", short: "Compute",
      lead: "What the largest training runs took, and what this machine could do in a day, a month "
        + "and a year at its measured peak. One petaflop/s-day is 8.64×10¹⁹ operations.",
      blocks: blocks, isBrief: false)
  }

  private var computeChart: Chart? {
    guard let compute, let today = CalendarDay.parse(record.context.date) else { return nil }
    let first = compute.runs.map { Double($0.date.number) }.min() ?? today
    let span = min(first, today) - 200...today + 700
    let here = [
      ("a day", compute.pfsDaysPerDay), ("a month", compute.pfsDaysPerMonth),
      ("a year", compute.pfsDaysPerYear),
    ]
    let own = Chart.Series(
      id: "compute-machine", name: "this machine", colour: .accent, form: .points(.star),
      points: here.map { name, value in
        .init(
          x: today, y: value, label: "here in \(name)",
          detail: "This machine in \(name): \(NumberFormat.significant(value)) petaflop/s-days at "
            + compute.basis,
          rank: 9)
      })
    let runs = publicSeries(
      compute.runs, id: "compute-runs", name: "training runs", unit: "petaflop/s-days",
      colour: .grey, shape: .circle)
    let lines = compute.curves.enumerated().map { index, curve in
      fromFirstRun(curve, line(curve, over: span, colour: index == 0 ? .blue : .purple))
    }
    let counted = countedSeries
    let values = compute.runs.map(\.value) + here.map(\.1) + counted.flatMap(\.points).map(\.y)
    return Chart(
      id: "compute-growth", title: "Compute of training runs",
      summary: "\(compute.runs.count) training runs by date; this machine does "
        + "\(NumberFormat.significant(compute.pfsDaysPerDay)) petaflop/s-days in a day.",
      x: .init("Date", kind: .time, domain: span),
      y: .init(
        "Compute", unit: "petaflop/s-days", kind: .logarithmic,
        domain: Scale.domain(of: values, kind: .logarithmic)),
      series: lines + [runs] + counted + [own],
      bands: compute.eras.enumerated().map { band($1, isShaded: $0.isMultiple(of: 2)) },
      height: 480)
  }

  /// A curve of pure gain, drawn from the first run after its anchor; others stay as they are.
  private func fromFirstRun(_ curve: Curve, _ line: Chart.Series) -> Chart.Series {
    guard curve.unit == "x", let runs = compute?.runs,
      let base = runs.filter({ $0.date >= curve.anchorDay }).min(by: { $0.date < $1.date })
    else { return line }
    var line = line
    line.name += ", from \(base.model)"
    for index in line.points.indices { line.points[index].y *= base.value }
    return line
  }

  private func band(_ era: Era, isShaded: Bool) -> Chart.Band {
    .init(
      Double(era.from.number)...Double(era.to.number), label: era.name, isShaded: isShaded)
  }
}

import Economics
import Harness

extension Report {
  /// The headline prices in figures: what the documents state, the best on record, this machine.
  func standingTable(_ costs: Costs) -> DataTable {
    func best(_ rows: [PublicRecord]) -> DataTable.Cell {
      guard let best = rows.min(by: { $0.value < $1.value }) else { return cell(nil) }
      return cell(
        best.value, .usd, interval: "(\(best.date.description.prefix(4)))",
        note: "\(best.model), \(best.hardware)")
    }
    let rows: [[DataTable.Cell]] = [
      [
        .init("The documents' last stated figure"), statedCell(costs.inferenceStated.last),
        statedCell(costs.trainingStated.last),
      ],
      [
        .init("The cheapest public record"), best(costs.inference + costs.cpuInference),
        best(costs.training + costs.cpuTraining),
      ],
      [
        .init("This machine, measured"), costCell(ownCost(.infer)), costCell(ownCost(.train)),
      ],
      [
        .init("This machine at \(Self.atPeak)"),
        cell(costs.inferenceAtPeak, .usd),
        cell(costs.trainingAtPeak, .usd),
      ],
    ]
    return DataTable(
      id: "standing", caption: "Where this machine stands",
      columns: [
        .init("What"), .init("To classify 10⁹ images", unit: "USD", isNumber: true),
        .init("To train ResNet-50", unit: "USD", isNumber: true),
      ],
      rows: rows + lowerPrecisionRows(costs), isSortable: false)
  }

  /// This machine in lower precision, with what its answers are worth, and at the peak of it.
  private func lowerPrecisionRows(_ costs: Costs) -> [[DataTable.Cell]] {
    var rows: [[DataTable.Cell]] = []
    for precision in CaseID.Precision.allCases {
      if let own = ownCost(.infer, in: precision) {
        rows.append([
          .init("This machine in \(Wording.precision(own.item) ?? "")"), costCell(own), cell(nil),
        ])
      }
      if let own = ownCost(.train, in: precision) {
        rows.append([
          .init("This machine's training in \(Wording.precision(own.item) ?? "")"),
          cell(nil), costCell(own),
        ])
      }
      let bounds = [costs.inferenceAtLowerPeak[precision], costs.trainingAtLowerPeak[precision]]
      if bounds.contains(where: { $0 != nil }) {
        rows.append(
          [.init("This machine at \(Self.atPeak(of: precision))")] + bounds.map { cell($0, .usd) })
      }
    }
    return rows
  }

  private func costCell(_ own: OwnCost?) -> DataTable.Cell {
    cell(own?.usd, .usd, interval: Wording.interval(own?.interval, .usd))
  }

  /// A stated figure in all its digits and no more, with its date in the document's words.
  private func statedCell(_ figure: StatedFigure?) -> DataTable.Cell {
    guard let figure else { return cell(nil) }
    return .init(
      Wording.stated(figure), number: figure.value, interval: figure.when.map { "(\($0))" } ?? "",
      note: "claim \(figure.claim)")
  }

  /// What is stated, and how fast the records fell, as a paragraph that opens with `what`.
  ///
  /// The rate of the records is given in both of its readings, since each is quoted elsewhere.
  func costReading(_ what: String, _ curves: [Curve], _ stated: [StatedFigure]) -> String {
    var sentences: [String] = []
    if !stated.isEmpty {
      let figures = stated.map { figure in
        Wording.stated(figure) + (figure.when.map { " (\($0))" } ?? "")
      }
      sentences.append("\(what): the documents state \(Wording.list(figures)).")
    }
    if let fit = curves.lazy.compactMap(\.fit).first {
      sentences.append(
        "By the fitted line the best on record fell \(pace(fit)); from the first of them to the "
          + "last alone it is \(endToEnd(fit)) a year.")
    }
    return sentences.joined(separator: " ")
  }

  /// What the picture tells, in words: the cheapest record and this machine.
  func costSummary(_ rows: [PublicRecord], here: [OwnCost]) -> String {
    var sentences: [String] = []
    if let best = rows.min(by: { $0.value < $1.value }) {
      let price = NumberFormat.usd.text(best.value)
      sentences.append(
        "The cheapest of \(rows.count) public records is \(price) (\(best.date), \(best.model)).")
    }
    sentences += here.map { "T\($0.name.dropFirst()): \(NumberFormat.usd.text($0.usd))." }
    return sentences.joined(separator: " ")
  }

  /// The documents' figures as points of a chart.
  func statedSeries(_ stated: [StatedFigure], id: String, unit: String) -> [Chart.Series] {
    guard !stated.isEmpty else { return [] }
    return [
      .init(
        id: "\(id)-stated", name: "stated by the documents", colour: .blue,
        form: .points(.diamond),
        points: stated.map { figure in
          .init(
            x: Double(figure.day.number), y: figure.value,
            label: "stated \(Wording.stated(figure))",
            detail: "\(Wording.stated(figure)) \(unit)"
              + (figure.when.map { " for \($0)" } ?? "")
              + " as stated, drawn at \(figure.day) by us. Claim \(figure.claim)",
            rank: 7)
        })
    ]
  }
}

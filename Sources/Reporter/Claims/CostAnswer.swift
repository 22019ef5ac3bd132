import Economics

/// The answer to a question about money and speed, with the price that it rests on.
package struct CostAnswer: Codable, Hashable, Sendable {
  package var schema = "costcurve.cost"
  package var schemaVersion = 1
  package var price: Price
  package var lines: [CostQuestion.Line]

  package init(price: Price, lines: [CostQuestion.Line]) {
    self.price = price
    self.lines = lines
  }

  /// One line for the price, one for each figure.
  package var text: String {
    let labels = (lines.map(\.label.columns).max() ?? 0) + 2
    let values = lines.map { Figure.text($0.value) }
    let width = values.map(\.columns).max() ?? 0
    var text = priceText.wrapped(to: 100, hanging: 7).joined(separator: "\n") + "\n\n"
    for (line, value) in zip(lines, values) {
      let start = line.label.padded(to: labels) + value.padded(to: width, onTheLeft: true)
      text += start + " " + line.unit + "\n"
      if !line.note.isEmpty {
        text += line.note.wrapped(to: 100, indent: 4).joined(separator: "\n") + "\n"
      }
    }
    return text
  }

  private var priceText: String {
    let place = [price.instance, price.region, price.asOf].compactMap { $0 }
    return "Price: \(Figure.text(price.usdPerHour)) USD an hour, \(price.basis)"
      + (place.isEmpty ? "" : " (\(place.joined(separator: "; ")))")
  }

  /// The answer as headings and a table.
  package var document: Document {
    Document(
      title: "Cost", subtitle: priceText,
      sections: [
        .init(
          id: "figures", title: "Figures", short: "Figures", lead: "",
          blocks: [
            .table(
              DataTable(
                id: "figures", caption: "What it costs, or what it takes",
                columns: [
                  .init("What"), .init("Value", isNumber: true), .init("Unit"), .init("Note"),
                ],
                rows: lines.map { line in
                  [
                    .init(line.label), .init(Figure.text(line.value), number: line.value),
                    .init(line.unit), .init(line.note),
                  ]
                }))
          ])
      ])
  }

  /// A head line and one row a figure, each with the price.
  package var csv: String {
    let rows =
      [["label", "value", "unit", "note", "usd_per_hour", "price_basis"]]
      + lines.map { line in
        [
          line.label, Figure.exact(line.value), line.unit, line.note,
          Figure.exact(price.usdPerHour), price.basis,
        ]
      }
    return CSVReport.text(rows)
  }
}

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

  /// The price first, then a row a figure.
  package var document: Document {
    let place = [price.instance, price.region, price.asOf].compactMap { $0 }
    return Document(
      title: "Cost", subtitle: "",
      answer: "Price: \(Figure.text(price.usdPerHour)) USD an hour, \(price.basis)"
        + (place.isEmpty ? "." : " (\(place.joined(separator: "; ")))."),
      blocks: [
        .table(
          DataTable(
            id: "figures", caption: "What it costs, or what it takes",
            columns: [.init("What"), .init("Value", isNumber: true), .init("Note")],
            rows: lines.map { line in
              [
                .init(line.label),
                .init("\(Figure.text(line.value)) \(line.unit)", number: line.value),
                .init(line.note),
              ]
            }))
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

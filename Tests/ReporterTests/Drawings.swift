import Reporter

extension RenderedChart {
  /// A file of its own, with the colours in it.
  var standalone: String {
    let style = "<style>\(Palette.stylesheet)</style>"
    guard let end = markup.text.firstIndex(of: ">") else { return markup.text }
    let head = markup.text[...end]
    return head + style + markup.text[markup.text.index(after: end)...] + "\n"
  }
}

extension HTMLReport {
  /// Elements of all drawings of the page.
  func drawingElements(_ report: Report) -> Int {
    report.document.sections.flatMap(\.blocks).reduce(0) { sum, block in
      switch block {
      case .chart(let chart):
        chart.sizes.reduce(sum) {
          $0 + ChartRenderer.render(chart, size: $1).markup.elements
        }
      case .rows(let chart):
        ChartLayout.Size.allCases.reduce(sum) {
          $0 + RowChartRenderer.render(chart, size: $1).markup.elements
        }
      default: sum
      }
    }
  }
}

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

extension Chart {
  /// Points that the axes can show; what the page is expected to draw.
  var drawnPoints: Int {
    let layout = ChartLayout(self, size: .wide)
    return series.reduce(0) { sum, series in
      switch series.form {
      case .line, .steps: sum
      case .points, .lineAndPoints, .columns: sum + series.points.count { layout.shows($0) }
      }
    }
  }
}

extension RowChart {
  /// Marks that are drawn one by one; those that stand beside another are not among them.
  var drawnPoints: Int {
    let known = Set(series.filter { !$0.isAside }.map(\.id))
    return rows.reduce(0) { sum, row in
      sum + row.marks.count { known.contains($0.series) && $0.value.isFinite && $0.value >= 0 }
    }
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

import Reporter

/// What a drawing holds, read from its markup.
extension Markup {
  /// A file of its own, with the colours in it.
  var standalone: String {
    let style = "<style>\(Palette.stylesheet)</style>"
    guard let end = text.firstIndex(of: ">") else { return text }
    return text[...end] + style + text[text.index(after: end)...] + "\n"
  }

  /// Elements of all kinds.
  var elements: Int { text.matches(of: /<[^\/!]/).count }

  /// Marks that tell what they are to who points at them.
  var points: Int { text.matches(of: /class="mark(?: open)? pt"/).count }

  /// Every text with the rectangle that it is expected to fill, less what rounding may add to it.
  var texts: [(text: String, box: Box)] {
    let label = /<text class="[^"]*" x="([^"]*)" y="([^"]*)"(?: text-anchor="([^"]*)")?>([^<]*)</
    return text.matches(of: label).map { match in
      let (x, y) = (Double(match.output.1) ?? .nan, Double(match.output.2) ?? .nan)
      let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .reduce(String(match.output.4)) { $0.replacing($1.0, with: $1.1) }
      let width = TextMetrics.width(text, size: 12)
      let start =
        switch match.output.3 {
        case "end": x - width
        case "middle": x - width / 2
        default: x
        }
      return (text, Box(x: start + 0.1, y: y - 9.6, width: width - 0.2, height: 12))
    }
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
          $0 + ChartRenderer.render(chart, size: $1).elements
        }
      case .rows(let chart):
        ChartLayout.Size.allCases.reduce(sum) {
          $0 + RowChartRenderer.render(chart, size: $1).elements
        }
      default: sum
      }
    }
  }
}

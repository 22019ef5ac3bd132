/// Charts as HTML: caption, legend, the drawings and their data.
enum PageCharts {
  static func write(_ chart: Chart, to out: inout Markup) {
    let drawn = chart.sizes.map { ($0, ChartRenderer.render(chart, size: $0)) }
    let legend = chart.series.filter(\.isListed).map { series in
      (id: series.id, name: series.name, colour: series.colour, swatch: swatch(series.form))
    }
    write(
      id: chart.id, title: chart.title, note: chart.summary, legend, drawn,
      isSmall: chart.isSmall, data: ChartData.rows(of: chart), to: &out)
  }

  static func write(_ chart: RowChart, to out: inout Markup) {
    let drawn = ChartLayout.Size.allCases.map { ($0, RowChartRenderer.render(chart, size: $0)) }
    let legend = chart.series.map { series in
      (
        id: series.id, name: series.name, colour: series.colour,
        swatch: series.shape.map { Swatch.shape($0) } ?? .bar
      )
    }
    write(
      id: chart.id, title: chart.title, note: chart.summary, legend, drawn,
      data: ChartData.rows(of: chart), to: &out)
  }

  private enum Swatch {
    case line, bar
    case shape(Chart.Shape)
  }

  private static func swatch(_ form: Chart.Form) -> Swatch {
    switch form {
    case .line, .steps: .line
    case .columns: .bar
    case .points(let shape), .lineAndPoints(let shape): .shape(shape)
    }
  }

  private static func write(
    id: String, title: String, note: String,
    _ legend: [(id: String, name: String, colour: Palette, swatch: Swatch)],
    _ drawn: [(ChartLayout.Size, Markup)], isSmall: Bool = false, data: [[String]],
    to out: inout Markup
  ) {
    out.element("figure", ["data-chart": id, "id": "figure-\(id)"]) { out in
      out.element("figcaption") { out in
        out.leaf("h3", [:], title)
        out.leaf("p", [:], note.clipped(to: PageBlocks.limit))
      }
      if legend.count > 1 {
        out.element("ul", ["class": "legend"]) { out in
          for entry in legend {
            out.element("li", ["class": "c\(entry.colour.rawValue)", "data-series": entry.id]) {
              out in
              draw(entry.swatch, to: &out)
              out.leaf("span", [:], entry.name.clipped(to: 80))
            }
          }
        }
      }
      for (size, chart) in drawn {
        out.element("div", ["class": isSmall ? "wide narrow" : size.name]) {
          $0.append(chart)
        }
      }
      // What the script saves as a file.
      out.element("pre", ["class": "data", "hidden": ""]) { out in
        for row in data {
          out.write(CSVReport.line(row))
          out.raw("\n")
        }
      }
    }
  }

  private static func draw(_ swatch: Swatch, to out: inout Markup) {
    out.element(
      "svg",
      ["class": "chart", "viewBox": "0 0 18 14", "aria-hidden": "true", "focusable": "false"]
    ) { out in
      switch swatch {
      case .line: out.leaf("path", ["class": "curve", "d": "M1 7H17"])
      case .bar:
        out.leaf(
          "rect", ["class": "mark", "x": "3", "y": "2", "width": "12", "height": "10", "rx": "2"])
      case .shape(let shape): out.mark(shape, at: (9, 7), radius: shape == .star ? 5 : 4.5)
      }
    }
  }
}

/// A chart of a document as files that stand alone.
package struct ChartFile: Sendable {
  /// The chart's id: letters, digits and hyphens.
  package let id: String
  /// The wide form in light colours, with its style: a picture for any program that draws SVG.
  package let svg: String
  /// Its data, one row a point.
  package let csv: String

  /// All charts of a document, in their order.
  package static func all(in document: Document) -> [ChartFile] {
    document.sections.flatMap(\.blocks).compactMap { block in
      switch block {
      case .chart(let chart):
        let drawn = ChartRenderer.render(chart, size: chart.isSmall ? .narrow : .wide)
        return ChartFile(chart.id, drawn, ChartData.rows(of: chart))
      case .rows(let chart):
        return ChartFile(chart.id, RowChartRenderer.render(chart), ChartData.rows(of: chart))
      default: return nil
      }
    }
  }

  private init(_ id: String, _ drawn: Markup, _ rows: [[String]]) {
    self.id = id
    svg = Self.standalone(drawn.text)
    csv = CSVReport.text(rows)
  }

  /// A drawing of the page with size, style and background of its own.
  private static func standalone(_ text: String) -> String {
    let sized = text.replacing(/viewBox="0 0 ([\d.]+) ([\d.]+)"/, maxReplacements: 1) { match in
      "width=\"\(match.output.1)\" height=\"\(match.output.2)\" \(match.output.0)"
    }
    // Behind the name and the description, which come first.
    guard let end = sized.range(of: "</desc>")?.upperBound else { return sized }
    let ground = "<rect width=\"100%\" height=\"100%\" fill=\"\(Palette.lightBackground)\"></rect>"
    return sized[..<end] + "<style>\(Palette.plainStylesheet)</style>\(ground)" + sized[end...]
      + "\n"
  }
}

extension Palette {
  /// The style of charts without custom properties, which few programs but browsers know: light.
  static let plainStylesheet: String = {
    let root = stylesheet.firstMatch(of: /:root\{([^}]*)\}/)?.output.1 ?? ""
    let values = root.split(separator: ";").map { $0.split(separator: ":", maxSplits: 1) }
    let named = Dictionary(
      values.filter { $0.count == 2 }.map { ("var(\($0[0]))", String($0[1])) },
      uniquingKeysWith: { $1 })
    let rules = stylesheet.split(separator: "\n").filter {
      $0.hasPrefix(".chart ") && !$0.contains(".pt") || $0.hasPrefix("svg.chart")
    }
    let plain = rules.flatMap { rule -> [String] in
      guard rule.contains("var(--c)") else { return [String(rule)] }
      return Palette.allCases.map { colour in
        String(rule).replacing(/^\.chart/, with: ".c\(colour.rawValue)")
          .replacing("var(--c)", with: colour.light)
      }
    }
    return plain.map { rule in
      rule.replacing(/var\(--[a-z0-9]+\)/) { named[String($0.output)] ?? "" }
    }.joined(separator: "\n")
  }()
}

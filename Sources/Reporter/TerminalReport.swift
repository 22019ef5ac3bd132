/// A report as text for a terminal: the answer first, then tables with bars.
package struct TerminalReport: Sendable {
  /// Columns that may be used; 80 at least.
  package var width: Int
  /// Whether escape sequences for colour may be written.
  package var usesColor: Bool

  package init(width: Int = 100, usesColor: Bool = false) {
    self.width = min(max(width, 80), 100)
    self.usesColor = usesColor
  }

  /// Any document; every line fits `width`.
  package func text(_ document: Document) -> String {
    var lines: [String] = []
    if let notice = document.notice { lines += self.lines(of: notice) }
    lines += ["", style(document.title.clipped(to: width), .bold)]
    lines += wrapped(document.subtitle).map { style($0, .dim) }
    for section in document.sections where section.isBrief { lines += text(section) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Why figures are doubtful, and all that can be done about it.
  func lines(of notice: Document.Notice) -> [String] {
    wrapped("! " + notice.text, hanging: 2).map { style($0, .bad) }
      + notice.remedies.flatMap { wrapped("→ " + $0, indent: 2, hanging: 2) }
      .map { style($0, .dim) }
  }

  private func text(_ section: Document.Section) -> [String] {
    var lines = [""]
    if section.id == "answer" {
      lines += wrapped(section.lead).map { style($0, .accent) }
    } else {
      lines += [style(section.title, .bold)]
      lines += wrapped(section.lead).map { style($0, .dim) }
    }
    for block in section.blocks {
      let body = text(block)
      if !body.isEmpty { lines += [""] + body }
    }
    return lines
  }

  /// The lines of one block; none of what only a page shows.
  func text(_ block: Document.Block) -> [String] {
    switch block {
    case .paragraph(let text): wrapped(text)
    case .facts(let facts): facts.flatMap { text($0) }
    case .table(let table): TerminalTable(table, width: width).lines(style: style)
    case .rows(let chart): bars(chart)
    case .doubts(let doubts): doubts.flatMap { text($0) }
    case .commands(let commands): commands.flatMap { text($0) }
    case .claims: wrapped("'costcurve claims show ID' recomputes one of them step by step.")
    case .sparks(let sparks): lines(sparks)
    case .folded, .chart: []
    }
  }

  /// One line a series: name, picture, figures.
  private func lines(_ sparks: [Document.Spark]) -> [String] {
    let labels = sparks.map { $0.label.clipped(to: 100).harmless }
    let figures = sparks.map { $0.text.clipped(to: 100).harmless }
    let labelWidth = min(labels.map(\.columns).max() ?? 0, 34)
    let room = width - labelWidth - 6 - min(figures.map(\.columns).max() ?? 0, 44)
    return zip(sparks, zip(labels, figures)).map { spark, words in
      // The latest are the ones that matter where not all have room.
      let picture = TerminalReport.sparkline(spark.values.suffix(max(room, 8)))
      let line = "  \(words.0.padded(to: labelWidth))  \(style(picture, .accent))  "
      return line + words.1.fitted(to: max(width - labelWidth - 6 - picture.count, 12))
    }
  }

  func text(_ fact: Document.Fact) -> [String] {
    let labelWidth = 29
    let label = fact.label.padded(to: labelWidth)
    // What is longer than a figure takes its room from the words behind it.
    let valueWidth = max(9, fact.value.columns)
    let value = style(fact.value.padded(to: valueWidth, onTheLeft: true), .bold)
    let room = width - 2 - labelWidth - 1 - valueWidth
    let rest = [fact.unit, fact.interval].filter { !$0.isEmpty }.joined(separator: "  ")
    let fits = rest.columns <= room
    // An interval is never cut: where it has no room behind the unit, it heads the lines below.
    let below = [fits ? "" : fact.interval, fact.basis].filter { !$0.isEmpty }
    return ["  \(label)\(value) \(fits ? rest : fact.unit.clipped(to: room))"]
      + wrapped(below.joined(separator: "; "), indent: labelWidth + 12).map { style($0, .dim) }
  }

  func text(_ doubt: Report.Doubt) -> [String] {
    wrapped("! " + doubt.sentence, indent: 0, hanging: 2)
      + wrapped("→ " + doubt.remedy, indent: 2, hanging: 2).map { style($0, .dim) }
  }

  private func text(_ command: Document.Command) -> [String] {
    // A command line is never broken: it is there to be copied.
    ["  \(command.line.clipped(to: 1_000).harmless)"]
      + wrapped(command.purpose, indent: 4).map { style($0, .dim) }
  }

  // MARK: Bars

  /// One line a mark: name, bar, figure.
  private func bars(_ chart: RowChart) -> [String] {
    let asides = Set(chart.series.filter(\.isAside).map(\.id))
    let marks = chart.rows.flatMap { row in
      row.marks.filter { !asides.contains($0.series) }.map { (row.label, $0) }
    }
    let top = (marks.map(\.1.value) + chart.rules.map(\.value)).max() ?? 0
    guard top > 0 else { return [] }
    let names = Dictionary(uniqueKeysWithValues: chart.series.map { ($0.id, $0.name) })
    let several = chart.series.count > 1 + asides.count && chart.series.contains { $0.shape != nil }
    let labels = marks.map { label, mark in
      several ? "\(label) \(names[mark.series] ?? "")" : label
    }
    let labelWidth = min(labels.map { $0.clipped(to: 100).columns }.max() ?? 0, 44)
    let figures = marks.map { mark in
      mark.1.text ?? "\(NumberFormat.significant(mark.1.value)) \(chart.axis.unit)"
    }
    let figureWidth = min(figures.map(\.columns).max() ?? 0, 26)
    let room = width - labelWidth - figureWidth - 6
    var lines = [style(chart.title.clipped(to: width), .bold)]
    for (index, entry) in marks.enumerated() {
      let bar = TerminalReport.bar(entry.1.value / top, width: room)
      lines.append(
        "  \(labels[index].clipped(to: 100).harmless.padded(to: labelWidth))  "
          + "\(style(bar.padded(to: room), .accent))"
          + " \(figures[index].harmless.padded(to: figureWidth, onTheLeft: true))")
    }
    return lines + scale(of: chart, top: top)
  }

  /// What a full bar stands for, and where the reference lines of the picture lie.
  private func scale(of chart: RowChart, top: Double) -> [String] {
    guard !chart.rules.isEmpty else { return [] }
    var words = chart.rules.suffix(3).map { rule in
      rule.value < top
        ? "at \(NumberFormat.significant(100 * rule.value / top, digits: 2)) % of a full bar: "
          + rule.label
        : "full bar: " + rule.label
    }
    if !chart.rules.contains(where: { $0.value == top }) {
      words.insert("full bar: \(NumberFormat.significant(top)) \(chart.axis.unit)", at: 0)
    }
    return words.flatMap { wrapped($0, indent: 2) }
  }

  /// A bar of `share` of `width` columns, to an eighth of a column.
  package static func bar(_ share: Double, width: Int) -> String {
    guard share.isFinite, share > 0, width > 0 else { return "" }
    let eighths = Int((min(share, 1) * Double(width) * 8).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }

  /// One character a value, from the lowest to the highest.
  package static func sparkline(_ values: [Double]) -> String {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return "" }
    let levels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    return String(
      values.map { value in
        guard value.isFinite else { return " " }
        guard high > low else { return levels[3] }
        return levels[Int(min((value / 2 - low / 2) / (high / 2 - low / 2) * 8, 7))]
      })
  }

  // MARK: Lines

  enum Style { case bold, dim, accent, good, bad }

  func style(_ text: String, _ style: Style) -> String {
    let text = text.harmless
    guard usesColor, !text.isEmpty else { return text }
    let code =
      switch style {
      case .bold: "1"
      case .dim: "2"
      case .accent: "1;33"
      case .good: "32"
      case .bad: "31"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  /// `text` in lines of at most `width` columns, broken between words.
  func wrapped(_ text: String, indent: Int = 0, hanging: Int = 0) -> [String] {
    text.clipped(to: 1_000).harmless.wrapped(to: width, indent: indent, hanging: hanging)
  }
}

import Harness

/// A report as Markdown for a pull request or the summary of a CI run.
package struct MarkdownReport: Sendable {
  /// Characters that GitHub takes of a comment or a description, and fewer than of a job's summary.
  package static let githubLimit = 65_536
  /// Room for the sentence that tells what is left out.
  private static let reserve = 1_000
  /// Whether all but the answer waits behind a click.
  private let isSummary: Bool
  /// Bytes that the text may have.
  private let limit: Int
  /// Where what has no room is, in a sentence.
  private let rest: String

  /// A form of Markdown.
  ///
  /// - Parameters:
  ///   - isSummary: Whether all but the answer waits behind a click, as in the summary of a job.
  ///   - limit: Bytes that the text may have; what has no room is named at its end.
  ///   - rest: Where that is, in a sentence.
  package init(isSummary: Bool = false, limit: Int = .max, rest: String = "") {
    (self.isSummary, self.limit, self.rest) = (isSummary, limit, rest)
  }

  /// Any document without its charts.
  package func text(_ document: Document) -> String {
    var parts: [String] = []
    if let notice = document.notice {
      parts = ["**\(plain(notice.headline))**", text(notice.doubts)]
    }
    parts += ["# \(plain(document.title))", plain(document.subtitle)]
    var room =
      limit == .max ? .max : limit - Self.reserve - parts.reduce(0) { $0 + $1.utf8.count + 2 }
    var leftOut: [String] = []
    let hasAnswer = document.sections.contains { $0.id == "answer" }
    for section in document.sections where section.isBrief {
      let isFolded = isSummary && hasAnswer && section.id != "answer"
      let (part, without) = text(section, isFolded: isFolded, room: room)
      room -= room == .max ? 0 : part.reduce(0) { $0 + $1.utf8.count + 2 }
      parts += part
      leftOut += without
    }
    if !leftOut.isEmpty {
      let names = leftOut.prefix(5).map { $0.clipped(to: 80) }.joined(separator: "; ")
      let more = leftOut.count > 5 ? "; and \(leftOut.count - 5) more" : ""
      parts.append(
        "*Left out, as this text would be too long: \(plain(names + more)). \(rest)*")
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// The parts of a section that have room, and what the others are called.
  private func text(
    _ section: Document.Section, isFolded: Bool, room: Int
  ) -> (parts: [String], leftOut: [String]) {
    var head =
      section.id == "answer"
      ? ["**\(plain(section.lead))**"] : ["## \(plain(section.title))", plain(section.lead)]
    if isFolded {
      head = ["<details><summary>\(plain(section.title))</summary>", plain(section.lead)]
    }
    let end = isFolded ? ["</details>"] : []
    var used = (head + end).reduce(0) { $0 + $1.utf8.count + 2 }
    guard used <= room else { return ([], [section.title]) }
    var (parts, leftOut): ([String], [String]) = ([], [])
    for block in section.blocks {
      guard let part = text(block) else { continue }
      if part.utf8.count + 2 > room - used {
        leftOut.append(block.name ?? section.title)
      } else {
        parts.append(part)
        used += part.utf8.count + 2
      }
    }
    return (head + parts + end, leftOut)
  }

  private func text(_ block: Document.Block) -> String? {
    switch block {
    case .paragraph(let text): plain(text)
    case .facts(let facts): text(facts)
    case .table(let table): text(table)
    case .rows(let chart): text(chart)
    case .doubts(let doubts): text(doubts)
    case .commands(let commands):
      commands.map { "* \(plain($0.purpose)): \(code($0.line))" }.joined(separator: "\n")
    case .claims(let claims): text(claims)
    case .sparks(let sparks):
      sparks.map { spark in
        "* \(code(spark.label)) \(TerminalReport.sparkline(spark.values.suffix(64))) "
          + plain(spark.text)
      }.joined(separator: "\n")
    case .folded, .chart: nil
    }
  }

  private func text(_ doubts: [Report.Doubt]) -> String {
    doubts.map { "* \(plain($0.sentence)) *\(plain($0.remedy))*" }.joined(separator: "\n")
  }

  private func text(_ facts: [Document.Fact]) -> String {
    let rows = facts.map { fact in
      [
        plain(fact.label), "**\(plain(fact.value))** \(plain(fact.unit))", plain(fact.interval),
        plain(fact.basis),
      ]
    }
    return Self.grid(["", "", "Interval", "Basis"], rows)
  }

  private func text(_ table: DataTable) -> String {
    let right = Set(table.columns.indices.filter { table.columns[$0].isNumber })
    let rows = table.rows.map { row in
      row.map { $0.tone == .code ? code($0.full) : plain($0.full) }
    }
    let body = Self.grid(table.columns.map { plain($0.head) }, rows, right: right)
    // A comment on a pull request is read at a glance; long tables wait behind a click.
    return rows.count > 40
      ? "<details><summary>\(plain(table.caption)) (\(rows.count) rows)</summary>\n\n\(body)\n\n"
        + "</details>"
      : "**\(plain(table.caption))**\n\n\(body)"
  }

  private func text(_ chart: RowChart) -> String? {
    // Dots are in the table beside the chart; bars are said here.
    guard chart.series.contains(where: { $0.shape == nil }) else { return nil }
    let rows = chart.rows.flatMap { row in
      row.marks.map { [plain(row.label), plain($0.text ?? NumberFormat.significant($0.value))] }
    }
    return "**\(plain(chart.title))**\n\n"
      + Self.grid(["", plain(chart.axis.unit)], rows, right: [1])
  }

  private func text(_ claims: [ClaimEntry]) -> String {
    let rows = claims.map { [code($0.id), plain($0.verdict.text), plain($0.paraphrase)] }
    return "<details><summary>All \(Units.count(claims.count, "claim"))</summary>\n\n"
      + Self.grid(["Claim", "Verdict", "What is claimed"], rows) + "\n\n</details>"
  }

  /// A table of cells that are Markdown already.
  static func grid(_ heads: [String], _ rows: [[String]], right: Set<Int> = []) -> String {
    let rule = heads.indices.map { right.contains($0) ? "--:" : ":--" }
    return ([heads, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  /// Text in which nothing is markup, cut where it is longer than any honest one.
  private func plain(_ text: String) -> String { Self.escaped(text.clipped(to: 600)) }

  /// Text in which nothing is markup.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.harmless {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "|", "*", "_", "$", "`", "[", "]", "\\", "#", "~": result += "\\\(character)"
      case "@": result += "&#64;"
      default: result.append(character)
      }
    }
    return result
  }

  /// Text as code, with a fence that the text itself does not hold.
  private func code(_ text: String) -> String {
    let body = text.clipped(to: 600).harmless.replacing("|", with: "\\|")
    let fence = body.contains("`") ? "``" : "`"
    return "\(fence)\(body.replacing("``", with: "` `"))\(fence)"
  }
}

extension Document.Block {
  /// What a table says that it is; nil for other blocks.
  fileprivate var name: String? {
    if case .table(let table) = self { table.caption } else { nil }
  }
}

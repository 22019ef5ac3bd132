import Economics
import Harness

/// The blocks of a document as HTML.
enum PageBlocks {
  /// Longest text that a cell or a label shows.
  static let limit = 500
  /// Rows from which on a table waits folded until somebody wants it.
  private static let longTable = 40

  private static func fold(_ table: DataTable, to out: inout Markup) {
    out.element("details", ["class": "fold"]) { out in
      out.leaf("summary", [:], "\(table.caption) (\(Units.count(table.rows.count, "row")))")
      write(table, to: &out)
    }
  }

  static func write(_ block: Document.Block, to out: inout Markup) {
    switch block {
    case .paragraph(let text): out.leaf("p", [:], text)
    case .facts(let facts): write(facts, to: &out)
    case .table(let table) where table.rows.count > longTable: fold(table, to: &out)
    case .table(let table): write(table, to: &out)
    case .folded(let table): fold(table, to: &out)
    case .sparks: break
    case .chart(let chart): PageCharts.write(chart, to: &out)
    case .rows(let chart): PageCharts.write(chart, to: &out)
    case .doubts(let doubts): write(doubts, to: &out)
    case .claims(let claims): PageClaims.write(claims, to: &out)
    case .commands(let commands):
      for command in commands {
        out.element("p") { out in
          out.leaf("span", ["class": "quiet"], command.purpose)
          out.leaf("code", ["class": "cmd"], command.line)
        }
      }
    }
  }

  private static func write(_ facts: [Document.Fact], to out: inout Markup) {
    out.element("dl", ["class": "facts"]) { out in
      for fact in facts {
        out.element("div") { out in
          out.leaf("dt", [:], fact.label)
          out.element("dd", ["class": "big"]) { out in
            out.leaf("data", ["value": fact.number.map { "\($0)" } ?? ""], fact.value)
            out.leaf("small", [:], fact.unit)
          }
          if !fact.interval.isEmpty {
            out.leaf("dd", ["class": "range"], fact.interval)
          }
          out.leaf("dd", ["class": "basis"], fact.basis.clipped(to: limit))
        }
      }
    }
  }

  /// What casts doubt on the whole page.
  static func write(_ notice: Document.Notice, to out: inout Markup) {
    out.element("section", ["class": "notice", "aria-label": "Validity of the run"]) { out in
      out.leaf("p", [:], notice.headline)
      write(notice.doubts, to: &out)
    }
  }

  private static func write(_ doubts: [Report.Doubt], to out: inout Markup) {
    out.element("ul", ["class": "doubts"]) { out in
      for doubt in doubts {
        out.element("li") { out in
          out.write(doubt.sentence.clipped(to: limit))
          out.leaf("span", [:], doubt.remedy.clipped(to: limit))
        }
      }
    }
  }

  // MARK: Tables

  static func write(_ table: DataTable, to out: inout Markup) {
    // A keyboard can only scroll what it can reach.
    out.element(
      "div",
      ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": table.caption]
    ) { out in
      let isProse = table.columns.allSatisfy { !$0.isNumber }
      out.element(
        "table",
        [
          "id": "table-\(table.id)", "class": isProse ? "prose" : nil,
          "data-sortable": table.isSortable && table.rows.count > 1 ? "" : nil,
        ]
      ) { out in
        // The text in a span that stays in view while a table wider than the page is scrolled.
        out.element("caption") { $0.leaf("span", [:], table.caption) }
        out.element("thead") { out in
          out.element("tr") { out in
            for column in table.columns { write(column, to: &out) }
          }
        }
        out.element("tbody") { out in
          for row in table.rows {
            out.element("tr") { out in
              if row.count > 1, row[1].spansTheRest {
                write(row[0], table.columns[0], to: &out)
                let reason = row[1].text.clipped(to: limit)
                out.leaf("td", ["class": "bad", "colspan": "\(row.count - 1)"], reason)
              } else {
                for (column, cell) in zip(table.columns, row) { write(cell, column, to: &out) }
              }
            }
          }
        }
      }
    }
  }

  private static func write(_ column: DataTable.Column, to out: inout Markup) {
    out.element("th", ["scope": "col", "class": column.isNumber ? "n" : nil]) { out in
      out.write(column.title)
      if !column.unit.isEmpty { out.leaf("small", [:], column.unit) }
    }
  }

  private static func write(
    _ cell: DataTable.Cell, _ column: DataTable.Column, to out: inout Markup
  ) {
    let tone: String? =
      switch cell.tone {
      case .plain, .code: nil
      case .quiet: "quiet"
      case .good: "good"
      case .bad: "bad"
      }
    let isNumber = column.isNumber && cell.tone != .bad
    let style = [isNumber ? "n" : nil, tone].compactMap { $0 }.joined(separator: " ")
    let attributes: KeyValuePairs<String, String?> = [
      "class": style.isEmpty ? nil : style, "data-v": cell.number.map { "\($0)" },
      "title": cell.note.isEmpty ? nil : cell.note.clipped(to: limit),
    ]
    out.element("td", attributes) { out in
      let text = cell.text.clipped(to: limit)
      switch cell.link {
      case .claim:
        out.element("a", ["href": "#claim-\(cell.text)"]) { writeCode(text, to: &$0) }
      case .addresses: writeLinked(cell.text, to: &out)
      case .none where cell.tone == .code: writeCode(text, to: &out)
      case .none: out.write(text)
      }
      if !cell.interval.isEmpty { out.leaf("span", ["class": "range"], " " + cell.interval) }
    }
  }

  /// Text whose public addresses can be followed, each under its short name.
  private static func writeLinked(_ text: String, to out: inout Markup) {
    for piece in SourceAddress.pieces(of: text) {
      if let address = piece.address { write(address, to: &out) } else { out.write(piece.text) }
    }
  }

  /// A link to where a figure comes from, which learns nothing of the page.
  static func write(_ address: SourceAddress, to out: inout Markup) {
    out.leaf("a", ["href": address.url, "rel": "noreferrer"], address.name.clipped(to: 120))
  }

  /// An id that may be broken after each of its slashes, and a long one anywhere.
  private static func writeCode(_ text: String, to out: inout Markup) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isLong = parts.contains { $0.count > 40 }
    out.element("code", ["class": isLong ? "long" : nil]) { out in
      for (index, part) in parts.enumerated() {
        if index > 0 {
          out.write("/")
          out.raw("<wbr>")
        }
        out.write(String(part))
      }
    }
  }
}

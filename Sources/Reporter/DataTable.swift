/// Rows and columns with a caption; cells keep the number that their text stands for.
package struct DataTable: Hashable, Sendable {
  /// Letters, digits and hyphens; unique on a page.
  package var id: String
  package var caption: String
  package var columns: [Column]
  package var rows: [[Cell]]
  /// Whether rows are things of one kind, which may be sorted and filtered.
  package var isSortable: Bool

  package init(
    id: String, caption: String, columns: [Column], rows: [[Cell]], isSortable: Bool = true
  ) {
    precondition(
      rows.allSatisfy { $0.count == columns.count }, "a row of \(id) has not \(columns.count) cells"
    )
    (self.id, self.caption, self.columns, self.rows) = (id, caption, columns, rows)
    self.isSortable = isSortable
  }

  package struct Column: Hashable, Sendable {
    package var title: String
    package var unit: String
    package var isNumber: Bool
    /// Columns of higher rank are the first to be left out where room is short; 0 always stays.
    package var rank: Int

    package init(_ title: String, unit: String = "", isNumber: Bool = false, rank: Int = 0) {
      (self.title, self.unit, self.isNumber, self.rank) = (title, unit, isNumber, rank)
    }

    package var head: String { unit.isEmpty ? title : "\(title) (\(unit))" }
  }

  package struct Cell: Hashable, Sendable {
    package var text: String
    /// The figure as recorded, for sorting and for checking.
    package var number: Double?
    /// Interval or range, written after the figure.
    package var interval: String
    /// More than there is room for.
    package var note: String
    package var tone: Tone
    /// What the page makes of the text.
    package var link: Link
    /// Whether it stretches over the cells to its right, which say nothing.
    package var spansTheRest: Bool

    package init(
      _ text: String, number: Double? = nil, interval: String = "", note: String = "",
      tone: Tone = .plain, link: Link = .none, spansTheRest: Bool = false
    ) {
      (self.text, self.number, self.interval) = (text, number, interval)
      (self.note, self.tone, self.link, self.spansTheRest) = (note, tone, link, spansTheRest)
    }

    /// A whole number.
    package init(count: Int) { self.init("\(count)", number: Double(count)) }

    /// Where a cell leads to.
    package enum Link: Hashable, Sendable {
      case none
      /// To the public addresses that its text names.
      case addresses
      /// To the claim whose id it is.
      case claim
    }

    package var full: String { interval.isEmpty ? text : "\(text) \(interval)" }
  }

  /// What a cell says beyond its text.
  package enum Tone: Hashable, Sendable {
    case plain, quiet, good, bad, code
  }
}

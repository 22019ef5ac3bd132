import Economics
import Harness

/// What a report says, as blocks that each format lays out in its own way.
package struct Document: Hashable, Sendable {
  /// What stands on a window's tab and over the text: may name the program.
  package var title: String
  /// What stands over a page that names the program already.
  package var heading: String
  /// Machine, date and command of the run.
  package var subtitle: String
  /// What casts doubt on the whole, which is said before anything else; nil where nothing does.
  package var notice: Notice?
  package var sections: [Section]
  /// What stands at the foot of its page; empty for nothing.
  package var footer: String

  /// Makes a document; its heading is the title unless given.
  package init(
    title: String, heading: String? = nil, subtitle: String, notice: Notice? = nil,
    sections: [Section], footer: String = ""
  ) {
    (self.title, self.heading, self.subtitle) = (title, heading ?? title, subtitle)
    (self.notice, self.sections, self.footer) = (notice, sections, footer)
  }

  /// A document of one answer: a sentence, then what it rests on.
  package init(
    title: String, subtitle: String, notice: Notice? = nil, answer: String, blocks: [Block]
  ) {
    self.init(
      title: title, subtitle: subtitle, notice: notice,
      sections: [
        Section(id: "answer", title: "The answer", short: "Answer", lead: answer, blocks: blocks)
      ])
  }

  /// Why the figures of a document are doubtful, with what to do about it.
  package struct Notice: Hashable, Sendable {
    /// One sentence.
    package var headline: String
    package var doubts: [Report.Doubt]

    /// The notice of a run that could not establish all; nil of one that could.
    ///
    /// - Parameters:
    ///   - validity: Of the run.
    ///   - noise: Of its machine meanwhile.
    ///   - busy: The headline where the machine was busy.
    ///   - other: The headline where it was something else.
    package init?(
      _ validity: RunValidity, on noise: Context.NoiseRecord,
      busy: String = "The machine was busy.",
      other: String = "This run could not establish all that it set out to."
    ) {
      guard !validity.ok else { return nil }
      headline = noise.isBusy ? busy : other
      doubts = validity.doubts.map { .init($0.sentence, remedy: $0.remedy) }
    }

    /// A notice of several runs; nil where they have no doubts.
    package init?(_ headline: String, of validity: RunValidity) {
      guard !validity.ok else { return nil }
      self.headline = headline
      doubts = validity.doubts.map { .init($0.sentence, remedy: $0.remedy) }
    }

    /// The headline with all figures, in a line or two.
    package var text: String {
      headline + " " + doubts.map(\.sentence).joined(separator: " ")
    }

    /// What to do, each thing once.
    package var remedies: [String] { doubts.map(\.remedy).unique }
  }

  /// One part of the report with a heading of its own.
  package struct Section: Hashable, Sendable {
    /// Letters, digits and hyphens: the anchor on the page.
    package var id: String
    package var title: String
    /// The title in a word or two, for the list of sections.
    package var short: String
    /// What the section shows, in a sentence or two.
    package var lead: String
    package var blocks: [Block]
    /// False for what only the page shows.
    package var isBrief: Bool

    /// Whether the page sets charts in rows.
    var hasSmallCharts: Bool {
      blocks.contains { block in
        if case .chart(let chart) = block { chart.isSmall } else { false }
      }
    }

    package init(
      id: String, title: String, short: String, lead: String, blocks: [Block],
      isBrief: Bool = true
    ) {
      (self.id, self.title, self.short, self.lead) = (id, title, short, lead)
      (self.blocks, self.isBrief) = (blocks, isBrief)
    }
  }

  /// One piece of a section.
  package enum Block: Hashable, Sendable {
    case paragraph(String)
    /// The few figures that matter most.
    case facts([Fact])
    case table(DataTable)
    /// A table that only the page shows, folded away.
    case folded(DataTable)
    /// Rows of small bars in a line of text, for what the page has a chart of.
    case sparks([Spark])
    case chart(Chart)
    case rows(RowChart)
    /// Doubts with what to do about each.
    case doubts([Report.Doubt])
    case claims([ClaimEntry])
    /// Command lines, each with what it is for.
    case commands([Command])
  }

  /// One headline figure.
  package struct Fact: Hashable, Sendable {
    package var label: String
    package var value: String
    /// The figure as recorded; nil where there is none.
    package var number: Double?
    package var unit: String
    package var interval: String
    /// Price, count or assumption that the figure rests on.
    package var basis: String
  }

  /// A series of values as one line of text.
  package struct Spark: Hashable, Sendable {
    package var label: String
    /// In their order; the lowest is drawn lowest.
    package var values: [Double]
    /// What the picture cannot tell: the range, the count, the last value.
    package var text: String
  }

  /// A command line and its purpose.
  package struct Command: Hashable, Sendable {
    package var purpose: String
    package var line: String
    package init(_ line: String, purpose: String) { (self.line, self.purpose) = (line, purpose) }
  }
}

/// A claim as the page shows it.
package struct ClaimEntry: Hashable, Sendable {
  package var id: String
  package var kind: String
  package var paraphrase: String
  /// Nil where it could not be evaluated.
  package var verdict: Economics.Verdict?
  package var reason: String
  package var documents: [String]
  package var checks: DataTable
  /// The recomputation, one line a step, check by check.
  package var steps: [String]
  package var local: [String]
  /// How the checks decide.
  package var rule: String
  /// Where the figures come from that it is recomputed from, each once.
  package var sources: [SourceAddress]
}

import Harness

extension Report {
  /// What of the report's document belongs on one screen: the answer, then the tables that it is
  /// taken from.
  package func screen(of document: Document) -> Document {
    var screen = document
    let isSideBySide = !others.isEmpty
    var wanted = ["answer", "side-by-side-section"]
    if generationsBasis != nil { wanted.append("generations-section") }
    if versions != nil { wanted.append("versions-section") }
    if !learning.isEmpty { wanted.append("learning-section") }
    if sweep == nil {
      wanted += ["scenario-section", "networks", "kernels"]
      if hasEnergyFigures { wanted.append("energy") }
    } else {
      wanted += ["scenario-section", "sweep-section"]
    }
    screen.sections = wanted.compactMap { id in
      document.sections.first { $0.id == id }.map { section in
        var section = section
        switch id {
        case "answer": section.blocks = answerBlocks(section.blocks, isSideBySide, document.notice)
        case "side-by-side-section":
          section.blocks = section.blocks.filter { $0.isOnScreen(but: []) }
        case "sweep-section": section = sweepOnScreen(section)
        default:
          section.lead = ""
          section.blocks = section.blocks.filter { $0.isOnScreen(but: repeated) }
          if id == "kernels", kernelCount <= Self.fewKernels { section.blocks.reverse() }
        }
        return section
      }
    }
    return screen
  }

  /// The figures that matter most, what the run could not show, and its gravest warning.
  private func answerBlocks(
    _ blocks: [Document.Block], _ isSideBySide: Bool, _ notice: Document.Notice?
  ) -> [Document.Block] {
    var blocks = blocks
    if isSideBySide {
      // The runs' own table has the rest of them.
      blocks = blocks.map { block in
        if case .facts(let facts) = block { .facts(Array(facts.prefix(3))) } else { block }
      }
    }
    if sweep != nil {
      // The section has the figures of every case, of the cheapest first.
      blocks = blocks.filter { block in
        if case .facts = block { false } else { true }
      }
    }
    if notice == nil, let gist = doubts.gist { blocks.append(.paragraph(gist)) }
    return blocks
  }

  /// Tables that say again what stands above them, or more than an answer.
  private var repeated: Set<String> {
    let inference = record.cases.filter { $0.kind == .infer }
    var tables: Set = ["layers"]
    tables.formUnion(CaseID.Precision.allCases.map { "layers-\($0.rawValue)" })
    // The facts have all of a single inference, and the peak of kernels.
    if inference.count == 1, record.cheapestInference != nil {
      tables.formUnion(["inference", "energy-measured", "energy-estimated"])
    }
    let texts = record.cases.filter { $0.kind.generatesText }
    if texts.count <= 2, record.cheapestStep != nil {
      tables.formUnion(["text", "peaks", "bandwidths"])
    }
    if kernelCount > 0 { tables.formUnion(["peaks", "bf16-peaks", "integer-peaks", "bandwidths"]) }
    return tables
  }

  /// Kernels of which so many stand before their ratios; more are told by those first.
  private static let fewKernels = 4

  private var kernelCount: Int { record.cases.count { $0.kind == .gemm || $0.kind == .conv } }
}

extension [Report.Doubt] {
  /// How many warnings there are, with the first in words; nil without any.
  package var gist: String? {
    first.map { (count == 1 ? "One warning: " : "\(count) warnings, the first: ") + $0.sentence }
  }
}

extension Document.Block {
  /// Whether the block is a text or a table, and that none of these.
  fileprivate func isOnScreen(but ids: Set<String>) -> Bool {
    switch self {
    case .paragraph, .facts: true
    case .table(let table): !ids.contains(table.id)
    default: false
    }
  }
}

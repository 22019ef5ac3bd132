extension ScreenReport {
  /// What a whole run says when it ends, in about five lines.
  ///
  /// - Parameters:
  ///   - report: Of the run.
  ///   - rest: Where all of it is, each sentence on a line of its own.
  /// - Returns: What casts doubt on it, rate, cost and cost to train with interval and condition,
  ///   what could not be told, and where the rest is.
  package func ending(of report: Report, rest: String) -> String {
    let document = report.document
    let blocks = document.sections.first { $0.id == "answer" }?.blocks ?? []
    var lines: [String] = []
    if let notice = document.notice {
      lines += capped(terminal.wrapped("! " + notice.headline, hanging: 2), at: 3)
        .map { terminal.style($0, .bad) }
    }
    let facts = blocks.flatMap { block in
      if case .facts(let facts) = block { facts } else { [Document.Fact]() }
    }
    lines +=
      facts.isEmpty ? capped(terminal.wrapped(report.answer), at: 2) : facts.prefix(3).map(line)
    for case .paragraph(let text) in blocks {
      lines += capped(terminal.wrapped(text), at: 2).map { terminal.style($0, .dim) }
    }
    return (lines + foot(rest)).joined(separator: "\n") + "\n"
  }

  /// A figure with its interval and condition in one line.
  private func line(_ fact: Document.Fact) -> String {
    let value = [fact.value, fact.unit].filter { !$0.isEmpty }.joined(separator: " ")
    let parts = [value, fact.interval, fact.basis].filter { !$0.isEmpty }
    let text = "\(fact.label): \(parts.joined(separator: "; "))".clipped(to: 1_000).harmless
    return text.columns > terminal.width ? text.padded(to: terminal.width) : text
  }
}

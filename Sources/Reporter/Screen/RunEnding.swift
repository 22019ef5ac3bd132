extension ScreenReport {
  /// What a whole run says when it ends, in about ten lines.
  ///
  /// - Parameters:
  ///   - report: Of the run.
  ///   - rest: Where all of it is, each sentence on a line of its own.
  /// - Returns: What casts doubt on it and what to do about it; rate, cost and cost to train with
  ///   interval and condition; what could not be told, and where the rest is.
  package func ending(of report: Report, rest: String) -> String {
    let document = report.document
    let blocks = document.sections.first { $0.id == "answer" }?.blocks ?? []
    var lines: [String] = []
    if let notice = document.notice { lines += self.lines(of: notice) }
    let facts = blocks.flatMap { block in
      if case .facts(let facts) = block { facts } else { [Document.Fact]() }
    }
    lines +=
      facts.isEmpty
      ? capped(terminal.wrapped(report.answer), at: 2)
      : facts.prefix(3).flatMap { self.lines(of: $0) }
    for case .paragraph(let text) in blocks {
      lines += capped(terminal.wrapped(text, hanging: 2), at: 5).map { terminal.style($0, .dim) }
    }
    return (lines + foot(rest)).joined(separator: "\n") + "\n"
  }

  /// A figure with its interval and condition; a hostile record's are cut.
  private func lines(of fact: Document.Fact) -> [String] {
    let value = [fact.value, fact.unit].filter { !$0.isEmpty }.joined(separator: " ")
    let parts = [value, fact.interval, fact.basis].filter { !$0.isEmpty }
    return capped(
      terminal.wrapped("\(fact.label): \(parts.joined(separator: "; "))", hanging: 2), at: 6)
  }
}

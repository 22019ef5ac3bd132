extension ScreenReport {
  /// What a whole run says when it ends, in about ten lines, of which nothing is cut.
  ///
  /// - Parameters:
  ///   - document: The run's report.
  ///   - rest: Where all of it is, each sentence on a line of its own.
  /// - Returns: What casts doubt on it and what to do about it; rate, cost and cost to train with
  ///   interval and condition; what could not be told, and where the rest is.
  package func ending(of document: Document, rest: String) -> String {
    guard let answer = document.sections.first(where: { $0.id == "answer" }) else { return "" }
    var (figures, limits): ([String], [String]) = ([], [])
    for block in answer.blocks {
      switch block {
      case .facts(let facts): figures += facts.prefix(3).flatMap { lines(of: $0) }
      case .paragraph(let text):
        limits += terminal.wrapped(text, hanging: 2).map { terminal.style($0, .dim) }
      default: continue
      }
    }
    if figures.isEmpty { figures = terminal.wrapped(answer.lead) }
    let notice = document.notice.map { terminal.lines(of: $0) } ?? []
    return (notice + figures + limits + foot(rest)).joined(separator: "\n") + "\n"
  }

  /// A figure with its interval and condition.
  private func lines(of fact: Document.Fact) -> [String] {
    let value = [fact.value, fact.unit].filter { !$0.isEmpty }.joined(separator: " ")
    let parts = [value, fact.interval, fact.basis].filter { !$0.isEmpty }
    return terminal.wrapped("\(fact.label): \(parts.joined(separator: "; "))", hanging: 2)
  }
}

extension ComparisonRecord {
  /// Why the comparison ends with its problem, as one line.
  ///
  /// - Parameter failOn: What was asked to end with a problem of its own.
  /// - Returns: nil where every case was told and none of them is a problem.
  package func ending(failOn: Set<FailOn> = []) -> String? {
    let undecided = cases.filter(\.verdict.isUndecided)
    switch problem(failOn: failOn) {
    case .wrongAnswer:
      return "wrong answers" + named(cases.filter { $0.correctness == .failed }) { $0.reason }
    case .regression: return "confirmed regression" + named(cases.filter(\.regression), Self.ratio)
    case .improvement: return "confirmed improvement" + named(improvements, Self.ratio)
    case .unstable:
      let asked = undecided.filter { item in
        failOn.contains { $0.rawValue.uppercased() == item.verdict.rawValue }
      }
      return "could not tell, even by a further set of fresh processes" + named(asked, Self.why)
    default:
      guard !undecided.isEmpty else { return nil }
      return "no confirmed regression, but could not tell" + named(undecided, Self.why)
        + "; --fail-on unstable and --fail-on inconclusive end with 8 then"
    }
  }

  private func named(_ some: [Case], _ words: (Case) -> String) -> String {
    let shown = some.prefix(Self.namedCases).map { "\($0.id) (\(words($0)))" }
    let more = some.count > shown.count ? ", and \(some.count - shown.count) more" : ""
    return " in \(some.count) of \(cases.count) cases: " + shown.joined(separator: ", ") + more
  }

  private static let namedCases = 3

  private static func ratio(_ item: Case) -> String {
    item.ratio.map { "B/A " + Units.number($0, digits: 4) } ?? item.reason
  }

  private static func why(_ item: Case) -> String { "\(item.verdict.rawValue): \(item.reason)" }
}

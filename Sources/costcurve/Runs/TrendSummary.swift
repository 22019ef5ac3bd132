import History

/// What `history trend --format json` writes of one case.
struct TrendSummary: Encodable {
  var id: String
  var machine: String
  var medianNs: [Double]
  var dates: [String]
  var levelsNs: [Double]
  var levelRuns: [Int]
  var surprise: Double?
  var leftOut: [String]

  init(_ trend: Trend) {
    (id, machine) = (trend.caseID, trend.machine)
    (medianNs, dates) = (trend.points.map(\.medianNs), trend.points.map(\.date))
    (levelsNs, levelRuns) = (trend.pieces.map(\.level), trend.pieces.map(\.range.count))
    (surprise, leftOut) = (trend.surprise, trend.leftOut)
  }
}

import Harness

/// Inference of one network or model at several batch sizes or thread counts.
struct Sweep {
  /// Those with a speed, the cheapest first, then those without.
  let cases: [CaseRecord]
  /// What all cases handle some of.
  let item: WorkItem
  /// What a cost is of, such as `10⁹ images`; tokens where the model reads them.
  let costUnit: String
  private let cost: KeyPath<CaseRecord.Derived, Double?>
  private let costCi95: KeyPath<CaseRecord.Derived, [Double]?>

  /// Nil for a record that is of anything else, or of one case.
  init?(_ record: ResultRecord) {
    let cases = record.cases.filter { $0.kind != .peak }
    let subjects = Set(cases.map(Sweep.subject))
    guard record.kind == .run, cases.count > 1, subjects.count == 1,
      cases.allSatisfy({ $0.kind == .infer && !$0.isForeign })
    else { return nil }
    item = cases.first { $0.derived.rate != nil }?.derived.workItem ?? .image
    if cases.contains(where: { $0.derived.usdPerMillionTokens != nil }) {
      costUnit = "10⁶ tokens"
      cost = \CaseRecord.Derived.usdPerMillionTokens
      costCi95 = \CaseRecord.Derived.usdPerMillionTokensCi95
    } else {
      costUnit = item.costUnit
      cost = \CaseRecord.Derived.usdPerCount
      costCi95 = \CaseRecord.Derived.usdPerCountCi95
    }
    let path = cost
    let shown = cases.filter { $0.isShown }.sorted { first, second in
      (first.derived[keyPath: path] ?? .infinity, -(first.derived.rate ?? 0))
        < (second.derived[keyPath: path] ?? .infinity, -(second.derived.rate ?? 0))
    }
    self.cases = shown + cases.filter { !$0.isShown }
  }

  /// What is the same in all cases of a sweep.
  private static func subject(_ item: CaseRecord) -> CaseID {
    var id = item.name
    id.batch = nil
    id.threads = nil
    return id
  }

  /// The cases with a speed, the cheapest first.
  var shown: [CaseRecord] { cases.filter { $0.isShown } }

  /// USD for as much as `costUnit` says.
  func usd(of item: CaseRecord) -> Double? { item.derived[keyPath: cost] }

  /// The interval of the same.
  func interval(of item: CaseRecord) -> [Double]? { item.derived[keyPath: costCi95] }

  /// Milliseconds of the median call.
  func latency(of item: CaseRecord) -> Double? { item.derived.latencyMs?.p50 }

  /// The cases that have both a cost and a latency, the fastest first.
  var byLatency: [CaseRecord] {
    let placed = shown.compactMap { item -> (item: CaseRecord, ms: Double, usd: Double)? in
      guard let ms = latency(of: item), let usd = usd(of: item), ms > 0, usd > 0 else {
        return nil
      }
      return (item, ms, usd)
    }
    return placed.sorted { ($0.ms, $0.usd) < ($1.ms, $1.usd) }.map(\.item)
  }

  /// Those of them that are cheaper than every quicker one: no other beats them in both.
  var front: [CaseRecord] {
    var least = Double.infinity
    return byLatency.filter { item in
      guard let usd = usd(of: item), usd < least else { return false }
      least = usd
      return true
    }
  }

  /// How many others have an interval of the cost that overlaps with the cheapest's.
  var rivals: Int {
    guard let best = shown.first, let reach = interval(of: best)?.last else { return 0 }
    return shown.dropFirst().count { item in
      guard let low = interval(of: item)?.first else { return false }
      return low <= reach
    }
  }
}

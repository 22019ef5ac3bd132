/// What independent sets of fresh processes say of one arm, added up until they settle it.
///
/// One set may say that nothing differs. That something does, counts once two sets have said so: a
/// chance of one in a hundred is then one in ten thousand, and what befell the buffers of one set
/// does not befall those of the next. A first set that could not tell is run again and judged
/// together with what it is run again for; what that claims needs a set of its own to confirm it.
package struct SetTally: Hashable, Sendable {
  /// Sets after which it stays as it is.
  package static let mostSets = 3

  package struct Entry: Hashable, Sendable {
    package var judgement: Judge.Judgement
    package var blocks: [PairedBlocks]
  }

  /// In the order in which they were made.
  package private(set) var sets: [Entry] = []
  /// False where the first set has the last word.
  package let confirms: Bool

  package init(confirms: Bool = true) { self.confirms = confirms }

  /// The blocks that the next set is judged by: its own, and those of a first set that could not
  /// tell.
  package func joined(_ blocks: [PairedBlocks]) -> [PairedBlocks] {
    guard sets.count == 1, sets[0].judgement.verdict.isUndecided else { return blocks }
    return sets[0].blocks + blocks
  }

  /// Adds a set; one that comes after it was settled is not counted.
  package mutating func add(_ judgement: Judge.Judgement, _ blocks: [PairedBlocks]) {
    if verdict == nil { sets.append(.init(judgement: judgement, blocks: blocks)) }
  }

  /// The verdict of all sets, or nil while another is needed.
  package var verdict: Verdict? {
    let verdicts = sets.map(\.judgement.verdict)
    return confirms ? Self.settle(verdicts) : verdicts.first
  }

  /// The rule alone.
  ///
  /// - Parameter verdicts: Of the sets in order.
  /// - Returns: nil while another set is needed.
  package static func settle(_ verdicts: [Verdict]) -> Verdict? {
    let claims = verdicts.filter(\.isClaim)
    let same = verdicts.count { $0 == .same }
    let undecided: Verdict = verdicts.last == .unstable ? .unstable : .inconclusive
    guard let claim = claims.first else {
      if same > 0 { return .same }
      return verdicts.count >= 2 ? undecided : nil
    }
    if claims.contains(where: { $0 != claim }) { return .inconclusive }
    if claims.count >= 2 { return claim }
    if same >= 2 { return .same }
    return verdicts.count >= mostSets ? undecided : nil
  }

  /// The judgement of the last set, with the verdict, the reason and the p value of all.
  ///
  /// The last set is the one that settled it, so its interval goes with the verdict.
  ///
  /// - Returns: nil without any set.
  package var judgement: Judge.Judgement? {
    guard var judgement = sets.last?.judgement else { return nil }
    judgement.verdict = verdict ?? .inconclusive
    judgement.reason = reason(last: judgement.reason)
    judgement.pSlower = pSlower
    return judgement
  }

  /// Whether a difference that a set claimed stood; nil where none was claimed, or none was to be
  /// confirmed.
  package var confirmed: Bool? {
    guard confirms, sets.contains(where: { $0.judgement.verdict.isClaim }) else { return nil }
    return verdict?.isClaim == true
  }

  // Two sets are independent, so the larger of their two p values is squared; where the two were
  // chosen from three, there were three such pairs to choose from.
  private var pSlower: Double {
    let values = sets.map(\.judgement.pSlower)
    let slower = sets.filter { $0.judgement.verdict == .slower }.map(\.judgement.pSlower)
    guard confirmed == true, slower.count == 2 else {
      return confirms ? values.max() ?? 1 : values.first ?? 1
    }
    let larger = max(slower[0], slower[1])
    return min(1, (sets.count > 2 ? 3 : 1) * larger * larger)
  }

  private func reason(last: String) -> String {
    guard sets.count > 1 else { return last }
    let before = sets.dropLast().map(\.judgement.verdict.rawValue).joined(separator: ", then ")
    if confirmed == true { return "\(last); \(before) in the set before, so it is confirmed" }
    if confirmed == false, verdict != .same {
      return "\(before), then: \(last); no two sets of fresh processes agree, so it does not count"
    }
    return verdict == .same
      ? "\(last); \(before) before" : "\(last); \(before) before it was retried"
  }
}

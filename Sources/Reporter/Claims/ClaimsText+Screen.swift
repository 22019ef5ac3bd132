import Economics

/// The claims on one screen: a line a claim, and of one claim all but the arithmetic.
extension ClaimsText {
  /// Where the rest is.
  private static let rest =
    "'claims show ID' recomputes one of them; --full prints each with its reason."

  /// How many claims hold, and a line for each of as many as have room, first those that do not.
  package func screen(of claims: [AuditedClaim]) -> String {
    let groups = groups(of: claims)
    let counts = groups.map { "\($0.members.count) \($0.words)" }
    var lines =
      ("\(claims.count) of \(audit.claims.count) claims, each recomputed from public records: "
      + Wording.list(counts) + ".").wrapped(to: width)
    let idWidth = min(claims.map(\.id.columns).max() ?? 0, 36)
    let foot = Self.rest.wrapped(to: width)
    // Each group has an empty line and its heading besides.
    let free = ScreenReport.lines - foot.count - 1 - lines.count - 2 * groups.count
    let rooms = Self.shares(of: free, among: groups.map(\.members.count))
    for (room, (verdict, words, members)) in zip(rooms, groups) {
      lines += ["", heading(words, members.count)]
      let isCut = members.count > room
      let shown = members.prefix(isCut ? max(room - 1, 0) : members.count)
      lines += shown.map { claim in
        let start = "  \(mark(verdict)) \(claim.id.padded(to: idWidth))  "
        return start + claim.reason.harmless.fitted(to: width - start.columns)
      }
      if isCut { lines.append("  … and \(members.count - shown.count) more") }
    }
    return (lines + [""] + foot).joined(separator: "\n") + "\n"
  }

  /// As many lines for each group: what one does not need, those with more share.
  private static func shares(of lines: Int, among counts: [Int]) -> [Int] {
    var (shares, left) = (counts, max(lines, 0))
    let order = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    for (position, index) in order.enumerated() {
      shares[index] = min(counts[index], left / (counts.count - position))
      left -= shares[index]
    }
    return shares
  }

  /// The audit's result, and what the data shows besides by its titles.
  package func auditScreen() -> String {
    let all = summary()
    guard all.count(where: \.isNewline) > ScreenReport.lines else { return all }
    var lines = results()
    if lines.count > 20 { lines = lines.prefix(19) + ["  … and more"] }
    lines += ["", "What the data shows and the documents do not say"]
    lines += findings.prefix(14).map { "  " + $0.title.harmless.fitted(to: width - 2) }
    lines +=
      [""] + "--full has each with what was computed, and the fitted curves.".wrapped(to: width)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One claim; without the steps of its arithmetic, where all of it has no room.
  ///
  /// - Throws: `Problem` where a curve rests on a figure that no claim states.
  package func showScreen(
    _ claim: AuditedClaim, curves: [Curve], on day: Day? = nil
  ) throws -> String {
    let all = try show(claim, curves: curves, on: day)
    guard all.count(where: \.isNewline) > ScreenReport.lines else { return all }
    let foot = ["", "--full has every input and step."]
    let (claimed, here) = try lines(of: claim, curves: curves, on: day, withSteps: false)
    let brief = claimed + here
    let room = ScreenReport.lines - foot.count
    let kept = min(here.count, room / 2)
    let lines =
      brief.count > room
      ? brief.prefix(room - 1 - kept) + ["  … and more"] + brief.suffix(kept) : brief
    return (lines + foot).joined(separator: "\n") + "\n"
  }
}

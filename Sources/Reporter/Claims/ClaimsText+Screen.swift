import Economics

/// The claims on one screen: a line a claim, and of one claim all but the arithmetic.
extension ClaimsText {
  /// Where the rest is.
  private static let rest =
    "'claims show ID' recomputes one of them; --full prints each with its reason."

  /// How many claims hold, and a line for each of as many as have room: those that do not hold first.
  package func screen(of claims: [AuditedClaim]) -> String {
    let groups: [(verdict: Verdict?, heading: String)] = [
      (.inconsistent, "do not hold"), (.notCheckable, "cannot be checked"), (.consistent, "hold"),
      (nil, "could not be evaluated"),
    ]
    let counted = groups.map { group in (group, claims.filter { $0.verdict == group.verdict }) }
      .filter { !$0.1.isEmpty }
    let counts = counted.map { "\($0.1.count) \($0.0.heading)" }
    var lines =
      ("\(claims.count) of \(audit.claims.count) claims, each recomputed from public records: "
      + Wording.list(counts) + ".").wrapped(to: width)
    let idWidth = min(claims.map(\.id.columns).max() ?? 0, 36)
    let foot = Self.rest.wrapped(to: width)
    for (index, (group, members)) in counted.enumerated() {
      // Each later group needs its heading and one more line.
      let later = 3 * (counted.count - index - 1)
      let room = ScreenReport.lines - foot.count - 1 - lines.count - later - 2
      lines += [
        "",
        "\(group.heading.prefix(1).uppercased())\(group.heading.dropFirst()) (\(members.count))",
      ]
      let isCut = members.count > room
      let shown = members.prefix(isCut ? max(room - 1, 0) : members.count)
      lines += shown.map { claim in
        let start = "  \(mark(group.verdict)) \(claim.id.padded(to: idWidth))  "
        let words = claim.reason.harmless
        let left = width - start.columns
        return start + (words.columns > left ? words.padded(to: left) : words)
      }
      if isCut { lines.append("  … and \(members.count - shown.count) more") }
    }
    return (lines + [""] + foot).joined(separator: "\n") + "\n"
  }

  /// The audit's result, and what the data shows besides by its titles.
  package func auditScreen() -> String {
    let all = summary()
    guard all.count(where: \.isNewline) > ScreenReport.lines else { return all }
    var lines = results()
    if lines.count > 20 { lines = lines.prefix(19) + ["  … and more"] }
    lines += ["", "What the data shows and the documents do not say"]
    lines += findings.prefix(14).map { finding in
      let title = "  " + finding.title.harmless
      return title.columns > width ? title.padded(to: width) : title
    }
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

import Economics

/// One claim with all that is needed to follow its recomputation with a pocket calculator.
extension ClaimsText {
  /// The claim in words, its checks, and what this machine adds.
  ///
  /// - Parameters:
  ///   - claim: One of the audit's.
  ///   - curves: All that there are, of which the claim's own are followed.
  ///   - day: Where to follow them to; nil for their own ends alone.
  /// - Returns: Lines.
  /// - Throws: `Problem` where a curve rests on a figure that no claim states.
  package func show(
    _ claim: AuditedClaim, curves: [Curve], on day: Day? = nil
  ) throws -> String {
    let (claimed, here) = try lines(of: claim, curves: curves, on: day, withSteps: true)
    return (claimed + here).joined(separator: "\n") + "\n"
  }

  /// The claim with its checks, and apart from it what this machine adds, which may be nothing.
  ///
  /// `withSteps` tells whether each check has its inputs and steps, or its result alone.
  func lines(
    of claim: AuditedClaim, curves: [Curve], on day: Day?, withSteps: Bool
  ) throws -> (claimed: [String], here: [String]) {
    var lines = ["\(claim.id): \(claim.verdict?.rawValue ?? "could not be evaluated")", ""]
    lines += claim.paraphrase.wrapped(to: width, indent: 2)
    lines += "→ \(claim.reason)".wrapped(to: width, indent: 2, hanging: 2)
    lines += ["", "Stated in"]
    for source in claim.claim.sources {
      let what = documents[source.document] ?? ""
      lines += "\(source.document), lines \(source.lines) (\(source.locator)): \(what)"
        .wrapped(to: width, indent: 2, hanging: 2)
    }
    if !claim.claim.numbers.isEmpty {
      lines += ["", "What it states"]
      for (name, number) in claim.claim.numbers.sorted(by: { $0.key < $1.key }) {
        let when = number.when.map { ", \($0)" } ?? ""
        lines.append("  \(name) = \(Figure.text(number.value)) \(number.unit)\(when)")
      }
    }
    if !withSteps { lines.append("") }
    for check in claim.checks {
      lines += (withSteps ? [""] : []) + self.lines(of: check, withSteps: withSteps)
    }
    lines += ["", "Rule: \(claim.rule)"]
    lines += "Since \(claim.claim.rule.why).".wrapped(to: width, indent: 2)
    let verdict = claim.verdict?.rawValue ?? "none, as a check could not be evaluated"
    lines += ["  It gives: \(verdict). On record: \(claim.recordedVerdict.rawValue)."]
    let stated = curves.filter { claim.claim.curves?.contains($0.id) == true }
    if !stated.isEmpty {
      lines += ["", "Curves"]
      lines += try stated.flatMap {
        try self.line(of: $0, on: day).wrapped(to: width, indent: 2, hanging: 2)
      }
    }
    let here = claim.local.flatMap { $0.text.wrapped(to: width, indent: 2, hanging: 2) }
    return (lines, here.isEmpty ? [] : ["", "On this machine"] + here)
  }

  private func lines(of check: AuditedCheck, withSteps: Bool) -> [String] {
    let verdict = check.verdict?.rawValue ?? "could not be evaluated"
    var lines = "\(mark(check.verdict)) \(check.check.id): \(check.check.what)"
      .wrapped(to: width, hanging: 2)
    if withSteps, let expression = check.check.expression {
      lines += expression.wrapped(to: width, indent: 4, hanging: 2)
    }
    for input in withSteps ? check.inputs : [] {
      let value = input.text ?? Figure.text(input.value)
      lines += "\(input.name) = \(value)  [\(input.source)]"
        .wrapped(to: width, indent: 6, hanging: 4)
    }
    for step in withSteps ? check.steps : [] {
      lines += step.wrapped(to: width, indent: 4, hanging: 2)
    }
    if let judged = check.check.judged {
      if let value = check.value { lines.append("    recomputed \(Figure.text(value))") }
      lines += "judged \(verdict): \(judged)".wrapped(to: width, indent: 4, hanging: 2)
    } else if let value = check.value {
      let claimed = check.claimsLiterals ? "claimed" : "what is claimed"
      let ratio = check.ratios.map { Figure.text($0) + "x" }.joined(separator: " and ")
      lines.append(
        "    recomputed \(Figure.text(value)), \(claimed) \(check.claimedText): \(ratio), "
          + verdict)
      if withSteps, let tolerance = check.check.tolerance.flatMap(Tolerance.init) {
        lines += "tolerance: \(tolerance.text), since \(tolerance.reason)"
          .wrapped(to: width, indent: 4, hanging: 2)
      }
    }
    if withSteps, let note = check.check.note {
      lines += "note: \(note)".wrapped(to: width, indent: 4)
    }
    for disagreement in check.disagreements {
      lines += disagreement.split(separator: "\n").map { "    ! \($0)" }
    }
    return lines
  }

  private func line(of curve: Curve, on day: Day?) throws -> String {
    let from = curve.validity.lowerBound
    let to = curve.validity.upperBound
    let figures = try curve.figures(in: audit.claims.map(\.claim))
    let stated = Wording.list(figures.map(\.text))
    let literals = stated.isEmpty ? "" : "Stated: \(stated) \(curve.unit). "
    let reading = curve.basis == .claimed ? "Read by us off the line" : "It gives"
    return "\(curve.id) (\(curve.basis.rawValue)): \(curve.title). \(literals)\(reading): "
      + "\(Figure.text(curve.value(at: from).value)) \(curve.unit) on \(from), "
      + "\(Figure.text(curve.value(at: to).value)) on \(to), a factor of "
      + "\(Figure.text(curve.annualFactor)) a year; it says nothing about other dates."
      + (day.map { point(of: curve, on: $0) } ?? "")
  }

  private func point(of curve: Curve, on day: Day) -> String {
    let point = curve.value(at: day)
    let range = point.isInRange ? "in range" : "OUT OF RANGE, an extrapolation"
    return " On \(day): \(Figure.text(point.value)) \(curve.unit), \(range)."
  }
}

extension LocalFinding {
  /// `LABEL: VALUE UNIT [LOW, HIGH] (extrapolated) = FORMULA. NOTE`.
  var text: String { text { Figure.text($0) } }

  /// The same with the value in another form.
  func text(_ figure: (Double) -> String) -> String {
    let ends = interval.map { " [\($0.map(figure).joined(separator: ", "))]" } ?? ""
    let way = formula.map { " = \($0)" } ?? ""
    return "\(label): " + (value.map { "\(figure($0)) \(unit)" } ?? "n/a") + ends
      + (isExtrapolated ? " (extrapolated)" : "") + way + (note.isEmpty ? "" : ". \(note)")
  }
}

extension Verdict? {
  /// In a word or two.
  var text: String { self?.rawValue ?? "not evaluated" }
}

extension AuditedCheck {
  /// What decides: a judgement, or how far the recomputed value may lie off.
  var basis: String { check.judged.map { "judged: \($0)" } ?? check.tolerance ?? "–" }
}

import Basics
import Harness

/// Evaluates claims; it never reads a recorded value as an answer, only to compare with one.
struct Auditor {
  let records: Records
  let numbers: [String: [String: Claim.Number]]
  /// How far a value may move from its pin, relative.
  static let pinTolerance = 1e-6

  init(records: Records, claims: [Claim]) {
    self.records = records
    numbers = Dictionary(
      claims.map { ($0.id, $0.numbers) }, uniquingKeysWith: { first, _ in first })
  }

  func audit(_ claim: Claim) -> AuditedClaim {
    let checks = claim.checks.map { audit($0, of: claim.id) }
    var disagreements = checks.flatMap { check in
      check.disagreements.map { "check \(check.check.id): \($0)" }
    }
    var verdict: Verdict?
    do {
      verdict = try apply(claim.rule, to: checks)
    } catch {
      disagreements.append(error.description)
    }
    if let verdict, verdict != claim.verdict {
      disagreements.append(
        "the rule gives '\(verdict.rawValue)', on record is '\(claim.verdict.rawValue)'")
    }
    return AuditedClaim(
      claim: claim, checks: checks, verdict: verdict, disagreements: disagreements, local: [])
  }

  private func audit(_ check: Claim.Check, of claim: String) -> AuditedCheck {
    var audited = AuditedCheck(
      check: check, inputs: [], steps: [], value: nil, claimed: [], ratios: [], verdict: nil,
      disagreements: [])
    do {
      let evaluator = Evaluator(records: records, numbers: numbers, claim: claim)
      if let text = check.expression {
        let evaluation = try evaluator.evaluate(Expression(text))
        audited.inputs = evaluation.inputs
        audited.steps = evaluation.steps
        audited.value = evaluation.value
        for text in check.claimed ?? [] {
          let claimed = try evaluator.evaluate(Expression(text))
          audited.inputs += claimed.inputs.filter { !audited.inputs.contains($0) }
          guard claimed.value != 0 else {
            throw Problem(.malformed, "what is claimed is 0, to which nothing has a ratio")
          }
          audited.claimed.append(claimed.value)
        }
        audited.ratios = audited.claimed.map { evaluation.value / $0 }
        audited.disagreements += comparePins(audited)
      } else if check.judged == nil {
        throw Problem(.malformed, "there is nothing to compute and nothing judged")
      }
      audited.verdict = try verdict(of: audited)
    } catch {
      audited.disagreements.append("\(error)")
    }
    if let verdict = audited.verdict, verdict != check.verdict {
      audited.disagreements.append(
        "the tolerance gives '\(verdict.rawValue)', on record is '\(check.verdict.rawValue)'")
    }
    return audited
  }

  /// What the tolerance gives; a judged check keeps its judgement, which the output marks.
  private func verdict(of check: AuditedCheck) throws(Problem) -> Verdict {
    if check.isJudged { return check.check.verdict }
    guard let text = check.check.tolerance, let tolerance = Tolerance(text) else {
      throw Problem(
        .malformed,
        "'\(check.check.tolerance ?? "")' is not a tolerance; use factor F, percent P, range or "
          + "at least")
    }
    guard let value = check.value, check.claimed.count == tolerance.claimedCount else {
      throw Problem(
        .malformed, "'\(text)' needs \(Units.count(tolerance.claimedCount, "claimed value"))")
    }
    return tolerance.accepts(value, claimed: check.claimed) ? .consistent : .inconsistent
  }

  private func comparePins(_ check: AuditedCheck) -> [String] {
    guard let value = check.value else { return [] }
    guard let pinned = check.check.pinned else {
      return ["no value is pinned; it is now \(Figure.exact(value))"]
    }
    var messages: [String] = []
    if !near(value, pinned) {
      messages.append(
        "the value is \(Figure.exact(value)), pinned is \(Figure.exact(pinned))")
    }
    let ratios = check.check.pinnedRatios ?? []
    if ratios.count != check.ratios.count || !zip(ratios, check.ratios).allSatisfy(near) {
      messages.append(
        "value over claimed is \(check.ratios.map(Figure.exact).joined(separator: ", ")), pinned "
          + "is " + ratios.map(Figure.exact).joined(separator: ", "))
    }
    return messages
  }

  private func near(_ value: Double, _ pinned: Double) -> Bool {
    abs(value - pinned) <= Self.pinTolerance * abs(pinned)
  }

  private func apply(
    _ rule: Claim.Rule, to checks: [AuditedCheck]
  ) throws(Problem) -> Verdict? {
    var deciding = checks
    if rule.kind == .deciding {
      deciding = []
      for id in rule.checks ?? [] {
        guard let check = checks.first(where: { $0.check.id == id }) else {
          throw Problem(.malformed, "the rule names a check '\(id)' that there is not")
        }
        deciding.append(check)
      }
    }
    guard !deciding.isEmpty else { throw Problem(.malformed, "no check decides the claim") }
    let verdicts = deciding.compactMap(\.verdict)
    guard verdicts.count == deciding.count else { return nil }
    if rule.kind == .any, verdicts.contains(.consistent) { return .consistent }
    if verdicts.contains(.inconsistent) { return .inconsistent }
    return verdicts.contains(.notCheckable) ? .notCheckable : .consistent
  }
}

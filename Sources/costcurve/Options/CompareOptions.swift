import ArgumentParser
import Basics
import Foundation
import Harness

extension ComparisonRecord.FailOn: ExpressibleByArgument {}

/// How a comparison is made and judged.
struct CompareOptions: ParsableArguments {
  @Option(
    help: """
      Pairs in each process; unless given, as many as fit in 0.4 s and at least 16, or 40 with \
      --quick.
      """)
  var pairs: Int?

  @Option(
    help: "The smallest difference that counts, such as 2%; unless given, by the case's length.")
  var margin: String?

  @Option(
    name: .customLong("fail-on"),
    help: """
      Also end with an exit code on improvement (4: FASTER, confirmed), inconclusive or unstable \
      (8: undecided even after a retry); repeat it for more than one.
      """)
  var failOn: [ComparisonRecord.FailOn] = []

  @Flag(
    name: .customLong("no-confirm"),
    help: "Let one set of rounds decide, with neither confirmation nor retry.")
  var noConfirm = false

  func validate() throws {
    try (2...10_000).check("--pairs", pairs)
    _ = try marginShare()
  }

  func marginShare() throws -> Double? {
    guard let margin else { return nil }
    do {
      let share = try Units.parsePercent(margin)
      guard share > 0, share <= 0.5 else {
        throw ValidationError("--margin needs a share above 0 and up to 50%, not '\(margin)'.")
      }
      return share
    } catch let error as Problem {
      throw ValidationError("--margin: \(error)")
    }
  }

  /// The plan that the flags make of two arms and their cases.
  func plan(
    a: Arm, b: Arm, peers: [Arm], cases: [CaseRequest], measure: MeasureOptions
  ) throws -> ComparisonPlan {
    var plan = ComparisonPlan(a: a, b: b, peers: peers, cases: cases)
    plan.processes = measure.processes ?? (measure.quick ? 1 : measure.rigorous ? 20 : 10)
    plan.pairs = pairs ?? (measure.quick ? 40 : 16)
    plan.sessionSeconds = pairs == nil ? 0.4 : 0
    plan.margin = try marginShare()
    if measure.quick, measure.processes == nil {
      // One process can say that nothing differs; what else it says is looked at again by several.
      plan.laterProcesses = 6
      plan.laterPairs = pairs ?? 16
      plan.budgetSeconds = 20
    }
    plan.seed = measure.seed
    plan.wait = try measure.quietWait()
    plan.confirms = !noConfirm
    if let seconds = try measure.durationSeconds() { plan.limitSeconds = seconds }
    return plan
  }
}

/// What evaluating one expression has used and given: enough to follow it with a calculator.
package struct Evaluation: Hashable, Sendable {
  package struct Site: Hashable, Sendable {
    package var table: String
    package var row: Int
    package var column: Int
  }

  package internal(set) var value = 0.0
  package internal(set) var inputs: [AuditedCheck.Input] = []
  package internal(set) var steps: [String] = []
  /// Every cell that was read, also those that a minimum passed over.
  package internal(set) var cells: [Site] = []
}

/// What the names of an expression stand for.
package struct Evaluator {
  package var records: Records
  /// Every claim's numbers, by claim id.
  package var numbers: [String: [String: Claim.Number]]
  /// The claim that `said.NAME` is about.
  package var claim: String?
  /// The row that bare column names are about.
  package var row: (table: Table, index: Int)?

  package init(
    records: Records, numbers: [String: [String: Claim.Number]] = [:], claim: String? = nil,
    row: (table: Table, index: Int)? = nil
  ) {
    (self.records, self.numbers, self.claim, self.row) = (records, numbers, claim, row)
  }

  /// The value of an expression, which has to be a number, with the way there.
  ///
  /// - Throws: `Problem` where a name is unknown, no record matches, rows disagree, or the
  ///   result is no finite number.
  package func evaluate(_ expression: Expression) throws -> Evaluation {
    var run = EvaluationRun(evaluator: self, expression: expression)
    let quantity = try run.value(of: expression.root)
    guard !quantity.isDay else { throw run.error("this is a date, not a number", expression.root) }
    run.evaluation.value = quantity.value
    return run.evaluation
  }
}

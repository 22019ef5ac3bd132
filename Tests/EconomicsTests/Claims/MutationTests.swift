import Economics
import Testing

/// Proof that the audit can fail: every number in it is changed in turn, and that is noticed.
///
/// Numbers are multiplied by 3, dates moved by three years, names misspelt.
struct MutationTests {
  let records = Records.builtIn
  let claims: [Claim]

  init() throws { claims = try Claims.load() }

  @Test func nothingChangedNothingNoticed() throws {
    #expect(try Claims.audit().disagreements.isEmpty)
  }

  @Test func everyLiteralOfEveryExpressionCounts() throws {
    var changes = 0
    for (index, claim) in claims.enumerated() {
      for (place, check) in claim.checks.enumerated() {
        for text in check.expression.map({ [$0] }) ?? [] {
          for changed in try changedTexts(text) {
            var copy = claims
            copy[index].checks[place].expression = changed
            changes += 1
            try expectNoticed(copy, records, "\(claim.id)/\(check.id): \(changed)", first: index)
          }
        }
        for (end, text) in (check.claimed ?? []).enumerated() {
          for changed in try changedTexts(text) {
            var copy = claims
            copy[index].checks[place].claimed?[end] = changed
            changes += 1
            try expectNoticed(
              copy, records, "\(claim.id)/\(check.id) claimed: \(changed)", first: index)
          }
        }
      }
    }
    #expect(changes > 150)
  }

  @Test func everyStatedNumberCounts() throws {
    var changes = 0
    for (index, claim) in claims.enumerated() {
      for (name, number) in claim.numbers {
        var copy = claims
        copy[index].numbers[name]?.value = number.value * 3
        changes += 1
        try expectNoticed(copy, records, "\(claim.id): said.\(name)", first: index)
      }
    }
    #expect(changes > 80)
  }

  @Test func everyPinCounts() throws {
    var changes = 0
    for (index, claim) in claims.enumerated() {
      for (place, check) in claim.checks.enumerated() {
        guard let pinned = check.pinned else { continue }
        var copy = claims
        copy[index].checks[place].pinned = pinned * (1 + 3e-6)
        try expectNoticed(copy, records, "\(claim.id)/\(check.id): pinned", first: index)
        changes += 1
        for (end, ratio) in (check.pinnedRatios ?? []).enumerated() {
          copy = claims
          copy[index].checks[place].pinnedRatios?[end] = ratio * (1 + 3e-6)
          try expectNoticed(copy, records, "\(claim.id)/\(check.id): pinned ratio", first: index)
          changes += 1
        }
      }
    }
    #expect(changes > 300)
  }

  @Test func everyVerdictCounts() throws {
    for (index, claim) in claims.enumerated() {
      for other in Verdict.allCases where other != claim.verdict {
        var copy = claims
        copy[index].verdict = other
        try expectNoticed(copy, records, "\(claim.id): \(other)", first: index)
      }
      for (place, check) in claim.checks.enumerated() where check.judged == nil {
        var copy = claims
        copy[index].checks[place].verdict =
          check.verdict == .consistent ? .inconsistent : .consistent
        try expectNoticed(copy, records, "\(claim.id)/\(check.id): verdict", first: index)
      }
    }
  }

  @Test func everyCitedCellCounts() throws {
    var sites: Set<Evaluation.Site> = []
    let numbers = Dictionary(uniqueKeysWithValues: claims.map { ($0.id, $0.numbers) })
    for claim in claims {
      let evaluator = Evaluator(records: records, numbers: numbers, claim: claim.id)
      for check in claim.checks {
        for text in [check.expression].compactMap({ $0 }) + (check.claimed ?? []) {
          sites.formUnion(try evaluator.evaluate(Expression(text)).cells)
        }
      }
    }
    #expect(sites.count > 120)
    for site in sites {
      let table = try records.table(site.table)
      let cell = table.rows[site.row][site.column]
      let changed: String
      if let number = Double(cell) {
        changed = "\(number * 3)"
      } else {
        let day = try #require(Day(cell))
        changed = Day(number: day.number + 1096).description
      }
      let copy = records.replacing(
        table: site.table, row: site.row, column: site.column, with: changed)
      try expectNoticed(claims, copy, "\(site.table) row \(site.row + 2): \(cell) to \(changed)")
    }
  }

  @Test func everyNumberOfAnIdentityCounts() throws {
    let rules = try records.table("identities")
    for row in rules.rows.indices {
      let table = try records.table(rules.text(row, "table"))
      let column = try #require(table.index(of: rules.text(row, "equals")))
      let target = try #require(table.rows.indices.last { !table.rows[$0][column].isEmpty })
      let number = try #require(Double(table.rows[target][column]))
      let copy = records.replacing(
        table: table.name, row: target, column: column, with: "\(number * 3)")
      #expect(try TableIdentity.check(copy).contains { !$0.disagreements.isEmpty })
    }
  }

  /// Also where no claim reads it: all factors of the published trainings.
  @Test func everyNumberOfThePublishedRunsCounts() throws {
    var changes = 0
    for name in ["published_work", "published_runs"] {
      let table = try records.table(name)
      for (row, cells) in table.rows.enumerated() {
        for (column, cell) in cells.enumerated() {
          guard let number = Double(cell) else { continue }
          let copy = records.replacing(
            table: name, row: row, column: column, with: "\(number * 3)")
          changes += 1
          #expect(
            try TableIdentity.check(copy).contains { !$0.disagreements.isEmpty },
            "\(name) row \(row + 2): \(cell)")
        }
      }
    }
    #expect(changes > 130)
  }

  /// Expects that the audit ends with a disagreement.
  ///
  /// The claim at `first` is looked at first, which only saves time.
  private func expectNoticed(
    _ claims: [Claim], _ records: Records, _ change: String, first: Int = 0
  ) throws {
    var claims = claims
    claims.swapAt(0, first)
    // The record tables' own arithmetic is the second net, for a cell that a minimum passed over.
    let noticed =
      try !Claims.agree(claims, records)
      || TableIdentity.check(records).contains { !$0.disagreements.isEmpty }
    #expect(noticed, "not noticed: \(change)")
  }

  /// The expression with each literal changed in turn.
  private func changedTexts(_ text: String) throws -> [String] {
    let expression = try Expression(text)
    let characters = Array(text)
    func replacing(_ range: Range<Int>, _ new: String) -> String {
      String(characters[..<range.lowerBound]) + new + String(characters[range.upperBound...])
    }
    let selected = expression.selectors.flatMap { range -> [String] in
      let value = String(characters[range])
      if let number = Double(value) { return [replacing(range, "\(number * 3)")] }
      guard let day = Day(value) else { return [replacing(range, value + " no more")] }
      return [1096, -1096].map { replacing(range, Day(number: day.number + $0).description) }
    }
    return try selected
      + expression.literals.map { range in
        let number = try #require(Double(String(characters[range])))
        return replacing(range, "\(number * 3)")
      }
      + expression.dates.map { range in
        let day = try #require(Day(String(characters[range].dropFirst())))
        return replacing(range, "@\(Day(number: day.number + 1096))")
      }
  }
}

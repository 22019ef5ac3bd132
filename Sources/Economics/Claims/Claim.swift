/// What a document states, as data that can be proved wrong: see `Data/README.md` for the format.
package struct Claim: Codable, Hashable, Sendable {
  /// Where a document states it.
  package struct Source: Codable, Hashable, Sendable {
    /// Id of the document, such as `000`; `documents.csv` names them.
    package var document: String
    package var locator: String
    /// Lines of the document.
    package var lines: String
  }

  /// A figure that the claim states; expressions call it `said.NAME`.
  package struct Number: Codable, Hashable, Sendable {
    package var value: Double
    package var unit: String
    /// The time it is stated for, as worded or as read: `2017`, `2017-2019`, `three years`.
    package var when: String?

    package init(value: Double, unit: String, when: String?) {
      (self.value, self.unit, self.when) = (value, unit, when)
    }
  }

  package var id: String
  /// Such as `cost-point`, `growth-rate`, `projection`, `ratio`, `definition`.
  package var kind: String
  package var sources: [Source]
  /// What is claimed, in the project's own words.
  package var paraphrase: String
  package var numbers: [String: Number]
  package var checks: [Check]
  package var rule: Rule
  /// The verdict on record; the audit fails where the rule gives another.
  package var verdict: Verdict
  /// One or two sentences for whoever reads only the verdict.
  package var reason: String
  /// Curves that state it.
  package var curves: [String]?
  /// What this machine adds: names of `LocalMeasure`.
  package var local: [String]?

  /// How the checks decide the claim.
  package struct Rule: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
      /// Every check has to be consistent.
      case all
      /// One consistent check is enough.
      case any
      /// Only the named checks count, and all of them have to be consistent.
      case deciding
    }

    package var kind: Kind
    /// Ids of the deciding checks; nil for the other kinds.
    package var checks: [String]?
    /// Why these decide.
    package var why: String

    package init(kind: Kind, checks: [String]?, why: String) {
      (self.kind, self.checks, self.why) = (kind, checks, why)
    }
  }

  /// One comparison: an expression against what is claimed, within a tolerance.
  package struct Check: Codable, Hashable, Sendable {
    /// Unique within the claim.
    package var id: String
    /// What is compared, for people.
    package var what: String
    /// What is computed; nil where there is nothing to compute.
    package var expression: String?
    /// Expressions of what is claimed: one value, or the two ends of a range.
    package var claimed: [String]?
    /// Such as `factor 1.5`, `percent 5`, `range`; nil where the check is judged.
    package var tolerance: String?
    /// Why no tolerance decides; the recorded verdict is then a judgement and shown as one.
    package var judged: String?
    /// The value of the expression when it was last agreed on.
    package var pinned: Double?
    /// That value divided by each claimed value.
    package var pinnedRatios: [Double]?
    /// The verdict on record.
    package var verdict: Verdict
    package var note: String?
  }
}

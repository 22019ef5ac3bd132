/// What recomputing says about a claim or about one check of it.
package enum Verdict: String, Codable, CaseIterable, Hashable, Sendable {
  case consistent
  case inconsistent
  /// No number is stated, or nothing public can be compared with it.
  case notCheckable = "not checkable"
}

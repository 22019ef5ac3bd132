import Foundation

/// What a document claims that software gains, as a factor a year to stand beside what releases do.
package struct SoftwarePace: Hashable, Sendable {
  /// The claim's id.
  package let claim: String
  /// Such as `47 % a year off the cost`.
  package let words: String
  /// What a rate would multiply by in a year.
  package let yearlyFactor: Double

  /// The name by which a claim asks for it in its `local` list.
  static let topic = LocalMeasures.Topic.softwareReleases.rawValue
  /// The span that the claimed factor is commonly quoted for; the claim itself names none.
  private static let years = 2.0

  /// The pace of a claim that asks to be set beside releases; nil for any other.
  ///
  /// A cost that falls by a share a year is a rate that rises by its inverse.
  package init?(_ claim: Claim) {
    guard claim.local?.contains(Self.topic) == true else { return nil }
    if let decline = claim.numbers["annual_decline"]?.value, decline < 1 {
      words = "\(Figure.text(100 * decline)) % a year off the cost"
      yearlyFactor = 1 / (1 - decline)
    } else if let ratio = claim.numbers["ratio"]?.value, ratio > 0 {
      words = "\(Figure.text(ratio))x taken over two years"
      yearlyFactor = pow(ratio, 1 / Self.years)
    } else {
      return nil
    }
    self.claim = claim.id
  }

  /// Those of all claims, in their order.
  ///
  /// - Throws: `Problem` where the claims cannot be read.
  package static func all(_ records: Records = .builtIn) throws -> [SoftwarePace] {
    try Claims.load(records).compactMap { SoftwarePace($0) }
  }
}

/// One comparison of this build's numbers with numbers that can be trusted more.
package struct CheckResult: Hashable, Sendable {
  /// What was compared.
  package var name: String
  /// max |a−b| / max |b|; infinite where something is not finite.
  package var error: Double
  /// The largest error that passes.
  package var bound: Double
  /// What the numbers were held against, where they were computed here; nil for those of a file.
  package var against: OutputOracle.Basis?

  /// Whether the error is within its bound.
  package var passed: Bool { error <= bound }

  /// Joins a comparison's name, error, bound and basis.
  package init(
    name: String, error: Double, bound: Double, against: OutputOracle.Basis? = nil
  ) {
    (self.name, self.error, self.bound) = (name, error, bound)
    self.against = against
  }
}

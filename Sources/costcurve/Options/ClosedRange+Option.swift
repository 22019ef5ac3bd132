import ArgumentParser

extension ClosedRange {
  /// Refuses an option's value outside the range; one that was not given is in it.
  ///
  /// - Throws: `ValidationError` with the range.
  func check(_ option: String, _ value: Bound?) throws {
    guard let value, !contains(value) else { return }
    throw ValidationError(
      "\(option) needs a number from \(lowerBound) to \(upperBound), not \(value).")
  }
}

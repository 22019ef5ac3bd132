import Basics

extension PreparedCase {
  /// Refuses what another build means by the same name: its time over this one's would say nothing.
  ///
  /// Probes do as much as their build asks for, software of others may not say what it does, and beside
  /// lower precision operations on floats are counted as executed, which depends on the engine.
  ///
  /// - Parameters:
  ///   - first: The case as arm A has it.
  ///   - arm: The name of this one's arm.
  ///   - a: The name of arm A.
  /// - Throws: `notComparable`, with both counts.
  func refuse(otherWorkThan first: PreparedCase, arm: String, a: String) throws(Problem) {
    let (here, there) = (flop.direct, first.flop.direct)
    guard kind != .peak, here > 0, there > 0, flop.float == nil, first.flop.float == nil,
      CaseID(id)?.precision == CaseID(first.id)?.precision,
      abs(here - there) > 1e-9 * max(here, there)
    else { return }
    throw Problem(
      .notComparable,
      "\(id.prefix(80)) is \(Units.flop(here)) in \(arm), \(Units.flop(there)) in \(a): not the "
        + "same work, so their speeds are not compared; compare builds that count the same.")
  }
}

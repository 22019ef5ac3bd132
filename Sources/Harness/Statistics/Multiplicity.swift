/// Corrections for looking at many cases at once.
package enum Multiplicity {
  /// Holm's adjusted p values, which keep the chance of any false finding below alpha
  /// (Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979).
  ///
  /// - Parameter pValues: In any order.
  /// - Returns: In the same order; a case is found where its value is at most alpha.
  package static func holm(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var adjusted = pValues
    var running = 0.0
    for (position, index) in order.enumerated() {
      running = max(running, min(1, Double(pValues.count - position) * pValues[index]))
      adjusted[index] = running
    }
    return adjusted
  }
}

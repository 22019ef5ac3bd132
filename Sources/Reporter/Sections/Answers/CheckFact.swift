import Harness

extension Report {
  /// How near the outputs are to those that they were compared with; nil where the record does not
  /// say what that was, as older ones.
  var checkFact: Document.Fact? {
    guard let best = record.cheapestInference, best.correctness.status == .passed,
      let error = best.correctness.maxError, let against = best.correctness.against
    else { return nil }
    // One line, also on a terminal of 80 columns.
    let words =
      switch (against, best.name.precision) {
      case (.operators, .int8?): "of plain integers in all operators"
      case (.kernels, .int8?): "of plain integers in all layers"
      case (.operators, _): "of float64 loops of all operators"
      case (.kernels, _): "of float64 products with weights"
      }
    return .init(
      label: "Correct", value: "within \(NumberFormat.significant(error, digits: 2))",
      number: error, unit: words, interval: "", basis: "")
  }
}

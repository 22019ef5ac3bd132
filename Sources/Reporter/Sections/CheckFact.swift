import Harness

extension Report {
  /// How near the outputs are to those that they were held against; nil where the record does not say
  /// what that was, as older ones.
  var checkFact: Document.Fact? {
    guard let check = record.cheapestInference?.correctness, check.status == .passed,
      let error = check.maxError, let against = check.against
    else { return nil }
    // One line, also on a terminal of 80 columns.
    let words =
      switch against {
      case .operators: "of float64 loops of all operators"
      case .kernels: "of float64 products with weights"
      }
    return .init(
      label: "Right", value: "within \(NumberFormat.significant(error, digits: 2))", number: error,
      unit: words, interval: "", basis: "")
  }
}

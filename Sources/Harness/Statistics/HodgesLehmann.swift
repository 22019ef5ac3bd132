/// The Hodges–Lehmann estimate of a shift: the median of all pairwise means.
///
/// As efficient as the mean on normal data (95 %), and unmoved by 29 % of wild values
/// (Hodges and Lehmann, Estimates of Location Based on Rank Tests, 1963).
package enum HodgesLehmann {
  /// The medians of `(d_j + d_k) / 2` over `j ≤ k`, for at least one difference.
  ///
  /// Cost: `n²/2` values are sorted.
  package static func estimate(_ differences: [Double]) -> Double {
    Quantile.quantile(0.5, ofSorted: walshAverages(differences))
  }

  /// All pairwise means, each value with itself included, ascending.
  static func walshAverages(_ values: [Double]) -> [Double] {
    precondition(!values.isEmpty, "an estimate from no differences")
    var averages: [Double] = []
    averages.reserveCapacity(values.count * (values.count + 1) / 2)
    for first in values.indices {
      for second in first..<values.count { averages.append(0.5 * (values[first] + values[second])) }
    }
    return averages.sorted()
  }
}

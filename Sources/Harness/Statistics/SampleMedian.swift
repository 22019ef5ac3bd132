/// The median of differences as the estimate of their shift.
///
/// Where an arm's turn now and then meets another state of the machine than its partner's, the
/// differences have a narrow middle and far wings; up to half of them may be wings without moving the
/// median, where the median of all pairwise means is moved by three in ten.
package enum SampleMedian {
  /// The median with its standard error, from the order statistics one sigma of the binomial law
  /// around the middle, which no shape of distribution changes (David and Nagaraja, Order
  /// Statistics, 2003, §7.1); for at least one difference.
  package static func estimateWithError(
    _ differences: [Double]
  ) -> (estimate: Double, standardError: Double) {
    precondition(!differences.isEmpty, "an estimate from no differences")
    let sorted = differences.sorted()
    let count = Double(sorted.count)
    let rank = max(0, Int((count - count.squareRoot()) / 2))
    let width = sorted[sorted.count - 1 - rank] - sorted[rank]
    return (Quantile.quantile(0.5, ofSorted: sorted), width / 2)
  }
}

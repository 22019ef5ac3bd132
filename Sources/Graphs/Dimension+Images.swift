/// Dimensions of operators that see all images of a batch at once.
extension [Dimension] {
  /// The lengths.
  ///
  /// - Parameter images: Of the whole batch; nil where it is not known.
  /// - Returns: nil where a length is not known.
  package func lengths(images: Int?) -> [Int]? {
    var result: [Int] = []
    for dimension in self {
      guard let length = dimension == .batch ? images : dimension.length else { return nil }
      result.append(length)
    }
    return result
  }

  /// Lengths as dimensions: the outermost is the batch wherever it is as long, and no other one is.
  ///
  /// - Parameters:
  ///   - lengths: Outermost first.
  ///   - images: Of the whole batch.
  package init(_ lengths: [Int], images: Int) {
    self = lengths.map { .fixed($0) }
    if lengths.first == images { self[0] = .batch }
  }
}

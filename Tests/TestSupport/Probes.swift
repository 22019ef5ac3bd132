/// What a fixture keeps of a tensor that other software computed.
///
/// `Tests/Fixtures/make.py` writes it.
package struct Probes: Decodable, Sendable {
  /// The largest magnitude of an element.
  package var largest: Double
  /// The Euclidean norm.
  package var norm: Double
  /// Elements spread evenly from the first to the last.
  package var probes: [Float]

  /// How far a tensor is from it.
  ///
  /// - Parameter tensor: All elements, in the fixture's order.
  /// - Returns: The largest error, of a probe relative to the largest magnitude or of the norm relative
  ///   to itself; infinity where something is NaN.
  package func error(of tensor: [Float]) -> Double {
    let last = probes.count - 1
    var errors = probes.enumerated().map { index, reference in
      abs(Double(tensor[index * (tensor.count - 1) / last]) - Double(reference)) / largest
    }
    let own = tensor.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    errors.append(abs(own - norm) / norm)
    return errors.reduce(0.0) { $1.isNaN ? .infinity : max($0, $1) }
  }
}

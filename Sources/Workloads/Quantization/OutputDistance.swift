/// How far outputs are from those of float32, in the root mean square.
package struct OutputDistance {
  /// Of each output the sums of squares of float32's numbers, and of the differences.
  private var sums: [(signal: Double, noise: Double)]

  /// Starts with no numbers.
  ///
  /// - Parameter outputs: How many there are.
  package init(outputs: Int) {
    sums = [(signal: Double, noise: Double)](repeating: (0, 0), count: outputs)
  }

  /// Takes in some numbers.
  ///
  /// - Parameters:
  ///   - numbers: Of lower precision; one that is not finite is as far away as floats go.
  ///   - expected: Of float32, as many; what is not finite there counts for nothing.
  ///   - output: Whose they are.
  package mutating func count(_ numbers: [Float], beside expected: [Float], of output: Int) {
    precondition(numbers.count == expected.count, "\(numbers.count) numbers")
    var (signal, noise) = (0.0, 0.0)
    for (own, other) in zip(numbers, expected) where other.isFinite {
      let number = own.isFinite ? own : Float.greatestFiniteMagnitude
      let difference = Double(number) - Double(other)
      signal += Double(other) * Double(other)
      noise += difference * difference
    }
    sums[output].signal += signal
    sums[output].noise += noise
  }

  /// `√(Σ(y' − y)² / Σy²)`, over several outputs the root of the mean of these squares.
  ///
  /// No output weighs more than another because its numbers are larger; one of zeros has no error.
  package var error: Double {
    let ratios = sums.filter { $0.signal > 0 }.map { $0.noise / $0.signal }
    guard !ratios.isEmpty else { return 0 }
    return (ratios.reduce(0, +) / Double(ratios.count)).squareRoot()
  }
}

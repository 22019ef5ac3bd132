/// Sums, products and extremes of whole numbers and truth values along some axes, by plain loops.
public enum WholeReduction {
  /// Computes the output.
  ///
  /// - Parameters:
  ///   - kind: Sum, mean, product, largest or smallest; sums and products wrap, means are cut off.
  ///   - lengths: Of the input, outermost first.
  ///   - axes: Those that go.
  ///   - input: The elements.
  ///   - output: One for all that differ in these axes only; overwritten, apart from the input.
  @inlinable
  public static func run<Element: FixedWidthInteger>(
    _ kind: AxisReduction.Kind, lengths: [Int], axes: [Int], input: UnsafePointer<Element>,
    output: UnsafeMutablePointer<Element>
  ) {
    let total = lengths.reduce(1, *)
    var size = 1
    for axis in lengths.indices where !axes.contains(axis) { size *= lengths[axis] }
    let depth = total / size
    let start: Element =
      switch kind {
      case .product: 1
      case .max: .min
      case .min: .max
      default: 0
      }
    for place in 0..<size { output[place] = start }
    for index in 0..<total {
      var (rest, place, step) = (index, 0, 1)
      for axis in lengths.indices.reversed() {
        if !axes.contains(axis) {
          place += rest % lengths[axis] * step
          step *= lengths[axis]
        }
        rest /= lengths[axis]
      }
      let x = input[index]
      switch kind {
      case .product: output[place] = output[place] &* x
      case .max: output[place] = max(output[place], x)
      case .min: output[place] = min(output[place], x)
      default: output[place] = output[place] &+ x
      }
    }
    guard kind == .mean else { return }
    for place in 0..<size { output[place] /= Element(clamping: depth) }
  }
}

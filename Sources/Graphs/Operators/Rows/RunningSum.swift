import Basics
import Kernels
import Tensors

/// Each element of a line along an axis replaced by the sum up to it.
package struct RunningSum: Operator {
  package var axis: Int
  /// Whether an element is left out of its own sum.
  package var isExclusive: Bool
  /// Whether sums run from the end.
  package var isReversed: Bool

  package init(axis: Int, isExclusive: Bool, isReversed: Bool) {
    (self.axis, self.isExclusive, self.isReversed) = (axis, isExclusive, isReversed)
  }

  package var isPerImage: Bool { axis != 0 }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireAxis(axis, of: inputs[0])
    guard [.f32, .i32, .i64].contains(inputs[0].element) else {
      throw Problem(.malformed, "\(inputs[0]) cannot be summed up")
    }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      inputs[0].mappingLines(along: axis) { line in
        var (sum, sums) = (0.0, [Double]())
        for x in isReversed ? line.reversed() : line {
          sums.append(isExclusive ? sum : sum + x)
          sum += x
        }
        return isReversed ? sums.reversed() : sums
      }
    ]
  }
}

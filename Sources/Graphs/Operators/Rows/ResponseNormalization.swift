import Basics
import Foundation
import Kernels
import Tensors

/// Each element divided by a power of the squares around it along the channels.
package struct ResponseNormalization: Operator {
  /// The axis of the channels.
  package var axis: Int
  /// Window, factor, power and summand.
  package var size: Int
  /// Factor of the mean of squares.
  package var alpha: Float
  /// The power.
  package var beta: Float
  /// Added to the mean.
  package var bias: Float

  package init(axis: Int, size: Int, alpha: Float, beta: Float, bias: Float) {
    (self.axis, self.size, self.alpha) = (axis, size, alpha)
    (self.beta, self.bias) = (beta, bias)
  }

  package var isPerImage: Bool { axis != 0 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireFloats(inputs)
    try requireAxis(axis, of: inputs[0])
    guard (1..<1 << 31).contains(size) else {
      throw Problem(.malformed, "a window of \(size) channels is none")
    }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      inputs[0].mappingLines(along: axis) { line in
        line.indices.map { c in
          let near = Swift.max(0, c - (size - 1) / 2)...Swift.min(line.count - 1, c + size / 2)
          let sum = line[near].reduce(0) { $0 + $1 * $1 }
          return line[c] / pow(Double(bias) + Double(alpha) / Double(size) * sum, Double(beta))
        }
      }
    ]
  }
}

import Basics
import Foundation
import Kernels
import Tensors

/// Each line along an axis as shares of 1.
package struct Softmax: Operator {
  /// What is given of the shares.
  package enum Form: Hashable, Sendable {
    /// `exp(x) / Σ exp(x)`.
    case shares
    /// Their logarithms.
    case logarithms
    /// 1 for the first largest element, 0 for all others.
    case largest
  }

  /// The axis, from the outermost on.
  package var axis: Int
  /// What is given.
  package var form: Form

  package init(axis: Int, form: Form = .shares) { (self.axis, self.form) = (axis, form) }

  package var isPerImage: Bool { axis != 0 }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }
  package var outputBound: Double? { form == .logarithms ? nil : 1 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireFloats(inputs)
    try requireAxis(axis, of: inputs[0])
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      inputs[0].mappingLines(along: axis) { line in
        let top = line.max() ?? 0
        let sum = line.reduce(0) { $0 + exp($1 - top) }
        switch form {
        case .shares: return line.map { exp($0 - top) / sum }
        case .logarithms: return line.map { $0 - top - log(sum) }
        case .largest:
          let place = line.firstIndex(of: top)
          return line.indices.map { $0 == place ? 1 : 0 }
        }
      }
    ]
  }
}

extension ReferenceTensor {
  /// The tensor with each line along an axis replaced by as many elements.
  func mappingLines(along axis: Int, _ change: ([Double]) -> [Double]) -> ReferenceTensor {
    let lines = AxisLines(shape.dimensions, axis: axis)
    var result = values
    for line in 0..<lines.count {
      let start = lines.start(line)
      let changed = change((0..<lines.length).map { values[start + $0 * lines.inner] })
      for (step, value) in changed.enumerated() { result[start + step * lines.inner] = value }
    }
    return ReferenceTensor(shape, result)
  }
}

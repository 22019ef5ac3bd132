import Basics
import Kernels
import Tensors

/// Elements that differ in some axes only, divided by a measure of all of them.
package struct SpreadDivision: Operator {
  /// What the elements are divided by.
  package var measure: SpreadNormalization.Measure
  /// The axes, each once.
  package var axes: [Int]

  package init(_ measure: SpreadNormalization.Measure, axes: [Int]) {
    (self.measure, self.axes) = (measure, axes)
  }

  package var isPerImage: Bool { !axes.contains(0) }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireFloats(inputs)
    for axis in axes { try requireAxis(axis, of: inputs[0]) }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    func reduced(_ kind: AxisReduction.Kind) -> ReferenceTensor {
      Reduction(kind, axes: axes, keepsDimensions: true).reference(inputs)[0]
    }
    let (l1, sums, mean) = (reduced(.l1), reduced(.sumSquare), reduced(.mean))
    let (values, lengths) = (inputs[0].values, inputs[0].shape.dimensions)
    let depth = Double(inputs[0].shape.count / sums.shape.count)
    return [
      ReferenceTensor(inputs[0].shape) { index in
        var (rest, place, step) = (index, 0, 1)
        for axis in lengths.indices.reversed() {
          if !axes.contains(axis) {
            place += rest % lengths[axis] * step
            step *= lengths[axis]
          }
          rest /= lengths[axis]
        }
        let (x, squares) = (values[index], sums.values[place])
        switch measure {
        case .l1: return l1.values[place] == 0 ? 0 : x / l1.values[place]
        case .l2: return squares == 0 ? 0 : x / squares.squareRoot()
        case .deviation:
          let variance = squares / depth - mean.values[place] * mean.values[place]
          return (x - mean.values[place]) / (Swift.max(variance, 0).squareRoot() + 1e-9)
        }
      }
    ]
  }
}

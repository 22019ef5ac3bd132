import Basics
import Kernels
import Tensors

/// Weighted sums along one axis: images resized smoothly, one dimension at a time.
package struct AxisBlending: Operator {
  /// The axis; not the outermost one of a batch.
  package var axis: Int
  /// For each index of the output, what it takes of the input; none for the filling.
  package var taps: [[AxisBlend.Tap]]
  /// What an index without taps becomes.
  package var filling: Double

  package init(axis: Int, taps: [[AxisBlend.Tap]], filling: Double = 0) {
    (self.axis, self.taps, self.filling) = (axis, taps, filling)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].element == .f32, inputs[0].dimensions.indices.contains(axis),
      let length = inputs[0].dimensions[axis].length, !taps.isEmpty,
      taps.joined().allSatisfy({ (0..<length).contains($0.index) })
    else { throw Problem(.malformed, "\(inputs[0]) cannot be blended along axis \(axis)") }
    var output = inputs[0]
    output.dimensions[axis] = .fixed(taps.count)
    return [output]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var lengths = inputs[0].shape.dimensions
    let (length, inner) = (lengths[axis], lengths[(axis + 1)...].reduce(1, *))
    lengths[axis] = taps.count
    guard let target = Shape(lengths) else { return [] }
    return [
      ReferenceTensor(target) { index in
        let (outer, place) = (index / inner / taps.count, index / inner % taps.count)
        guard !taps[place].isEmpty else { return filling }
        return taps[place].reduce(0) { sum, tap in
          let source = (outer * length + tap.index) * inner + index % inner
          return sum + Double(tap.weight) * inputs[0].values[source]
        }
      }
    ]
  }
}

import Basics
import Foundation
import Kernels
import Tensors

/// One number from all elements that differ in some axes only.
package struct Reduction: Operator {
  /// What is made of the elements.
  package var kind: AxisReduction.Kind
  /// The axes that go, each once.
  package var axes: [Int]
  /// Whether they stay as dimensions of 1.
  package var keepsDimensions: Bool

  package init(_ kind: AxisReduction.Kind, axes: [Int], keepsDimensions: Bool) {
    (self.kind, self.axes, self.keepsDimensions) = (kind, axes, keepsDimensions)
  }

  package var isPerImage: Bool { !axes.contains(0) }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    for axis in axes { try requireAxis(axis, of: inputs[0]) }
    let element = inputs[0].element
    let isTaken =
      switch kind {
      case .max, .min: [.f32, .i32, .i64, .bool].contains(element)
      case .sum, .mean, .product: [.f32, .i32, .i64].contains(element)
      default: element == .f32
      }
    guard isTaken, Set(axes).count == axes.count else {
      throw Problem(.malformed, "\(inputs[0]) has no \(kind.rawValue) over axes \(axes)")
    }
    return [
      TensorType(
        element,
        inputs[0].dimensions.enumerated().compactMap { axis, dimension in
          axes.contains(axis) ? (keepsDimensions ? 1 : nil) : dimension
        })
    ]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let lengths = inputs[0].shape.dimensions
    // From one element to the next along an axis, how far it is in the output; 0 where it goes.
    var (steps, count) = ([Int](repeating: 0, count: lengths.count), 1)
    for axis in lengths.indices.reversed() where !axes.contains(axis) {
      steps[axis] = count
      count *= lengths[axis]
    }
    var parts = [[Double]](repeating: [], count: count)
    for (index, value) in inputs[0].values.enumerated() {
      var (rest, part) = (index, 0)
      for axis in lengths.indices.reversed() {
        part += rest % lengths[axis] * steps[axis]
        rest /= lengths[axis]
      }
      parts[part].append(value)
    }
    let target = lengths.enumerated().compactMap { axis, length in
      axes.contains(axis) ? (keepsDimensions ? 1 : nil) : length
    }
    guard let shape = Shape(target) else { return [] }
    return [ReferenceTensor(shape, parts.map(value))]
  }

  private func value(_ part: [Double]) -> Double {
    switch kind {
    case .sum: part.reduce(0, +)
    case .mean: part.reduce(0, +) / Double(part.count)
    case .max: part.max() ?? 0
    case .min: part.min() ?? 0
    case .product: part.reduce(1, *)
    case .l1: part.reduce(0) { $0 + abs($1) }
    case .l2: part.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .logSum: log(part.reduce(0, +))
    case .sumSquare: part.reduce(0) { $0 + $1 * $1 }
    case .logSumExp:
      {
        let top = part.max() ?? 0
        return top + log(part.reduce(0) { $0 + exp($1 - top) })
      }()
    }
  }
}

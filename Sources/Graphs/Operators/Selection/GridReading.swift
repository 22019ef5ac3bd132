import Basics
import Kernels
import Tensors

/// Elements of images at computed coordinates, channels outside the pixels.
package struct GridReading: Operator {
  /// Which neighbours an element is made of.
  package var mode: GridSampler.Mode
  /// What lies outside of an image.
  package var border: GridSampler.Border
  /// Whether −1 and 1 are the centres of the outermost elements, not their edges.
  package var alignsCorners: Bool

  package init(_ mode: GridSampler.Mode, border: GridSampler.Border, alignsCorners: Bool) {
    (self.mode, self.border, self.alignsCorners) = (mode, border, alignsCorners)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    let (image, grid) = (inputs[0].dimensions, inputs[1].dimensions)
    let rank = image.count - 2
    guard inputs.allSatisfy({ $0.element == .f32 }), (1...3).contains(rank),
      grid.count == image.count, grid.last == .fixed(rank),
      grid[0] == image[0] || grid[0] == 1,
      !(image.dropFirst() + grid.dropFirst()).contains(.batch)
    else { throw Problem(.malformed, "\(inputs[1]) are no coordinates in \(inputs[0])") }
    return [TensorType(.f32, Array(image[..<2]) + grid[1...rank])]
  }

  /// The kernel for some images.
  package func sampler(_ image: Shape, _ grid: Shape) -> GridSampler {
    let lengths = image.dimensions
    return GridSampler(
      images: lengths[0], channels: lengths[1], lengths: Array(lengths[2...]),
      points: grid.dimensions.dropFirst().dropLast().reduce(1, *), mode: mode, border: border,
      alignsCorners: alignsCorners, sharesGrid: grid.N == 1)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (image, grid) = (inputs[0].shape.dimensions, inputs[1].shape.dimensions)
    let rank = image.count - 2
    let points = grid[1...rank].reduce(1, *)
    let area = image[2...].reduce(1, *)
    guard let target = Shape(Array(image[..<2]) + grid[1...rank]) else { return [] }
    return [
      ReferenceTensor(target) { index in
        let (plane, point) = (index / points, index % points)
        let row = (grid[0] == 1 ? 0 : plane / image[1]) * points + point
        // Sums over neighbours, one dimension more at a time.
        var terms: [(place: Int, weight: Double)] = [(0, 1)]
        for axis in 0..<rank {
          let length = image[2 + axis]
          let own = neighbours(inputs[1].values[row * rank + rank - 1 - axis], length)
          terms = terms.flatMap { term in
            own.map {
              (place: term.place * length + $0.index, weight: term.weight * $0.weight)
            }
          }
        }
        return terms.reduce(0) { $0 + $1.weight * inputs[0].values[plane * area + $1.place] }
      }
    ]
  }

  /// The neighbours of a coordinate along one dimension.
  private func neighbours(_ coordinate: Double, _ length: Int) -> [(index: Int, weight: Double)] {
    let size = Double(length)
    var place =
      alignsCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2
    if mode == .nearest { place = place.rounded(.toNearestOrEven) }
    let ends: ClosedRange<Double> = alignsCorners ? 0...(size - 1) : -0.5...(size - 0.5)
    if !ends.contains(place), border != .zeros {
      place =
        border == .border ? max(0, min(place, size - 1)) : GridSampler.mirrored(place, in: ends)
    }
    guard !place.isNaN else { return [(0, .nan)] }
    guard abs(place) < 0x1p30 else { return [] }
    let first = Int(place.rounded(.down))
    let steps = mode == .nearest ? 0...0 : mode == .linear ? 0...1 : -1...2
    return steps.compactMap { step -> (index: Int, weight: Double)? in
      var index = first + step
      let weight = GridSampler.weight(abs(place - Double(first) - Double(step)), mode)
      guard !(0..<length).contains(index) else { return (index, weight) }
      guard border != .zeros else { return nil }
      if border == .reflection { index = Int(GridSampler.mirrored(Double(index), in: ends)) }
      return (max(0, min(index, length - 1)), weight)
    }
  }
}

extension GridSampler {
  /// A place, mirrored at both ends until it is between them.
  fileprivate static func mirrored(_ place: Double, in ends: ClosedRange<Double>) -> Double {
    let range = ends.upperBound - ends.lowerBound
    guard range > 0 else { return ends.lowerBound }
    var place = place
    while !ends.contains(place), place.isFinite, abs(place) < 0x1p40 {
      place =
        place < ends.lowerBound ? 2 * ends.lowerBound - place : 2 * ends.upperBound - place
    }
    return place
  }

  /// The weight of a neighbour at a distance.
  fileprivate static func weight(_ x: Double, _ mode: Mode) -> Double {
    switch mode {
    case .nearest: return 1
    case .linear: return max(0, 1 - x)
    case .cubic:
      let a = -0.75
      return x <= 1
        ? (a + 2) * x * x * x - (a + 3) * x * x + 1
        : a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a
    }
  }
}

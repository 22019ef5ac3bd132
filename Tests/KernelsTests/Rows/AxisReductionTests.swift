import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("One number from many along axes")
struct AxisReductionTests {
  static let cases: [(lengths: [Int], axes: [Int])] = [
    ([], []), ([5], [0]), ([5], []), ([3, 40], [1]), ([40, 3], [0]), ([9, 2100], [0]),
    ([2, 3, 4, 5], [1, 3]), ([2, 3, 4, 5], [0, 2]), ([2, 1, 4, 17], [1, 2]),
    ([2, 3, 4], [0, 1, 2]), ([7, 1], [1]), ([3, 64, 33], [1]),
  ]

  @Test("Equals its definition", arguments: cases, AxisReduction.Kind.allCases)
  func exact(shape: (lengths: [Int], axes: [Int]), kind: AxisReduction.Kind) {
    let (lengths, axes) = shape
    let count = lengths.reduce(1, *)
    var random = SeededRandom(seed: 13)
    // Logarithms and products want numbers near 1.
    let isNearOne = [.logSum, .product].contains(kind)
    let input = random.floats(count, in: isNearOne ? 0.9...1.1 : -2...3)
    let reduction = AxisReduction(kind, lengths: lengths, axes: axes)
    let expected = Self.parts(input, lengths, axes).map { Float(Self.value(kind, $0)) }
    #expect(reduction.count == expected.count && reduction.count * reduction.depth == count)
    for threads in [1, 2] {
      var output = [Float](repeating: .nan, count: reduction.count)
      reduction.run(input: input, output: &output, pool: ThreadPool(threads: threads))
      #expect(relativeError(output, expected) < 2e-5, "\(kind) of \(lengths) over \(axes)")
    }
  }

  @Test("Whole numbers stay whole", arguments: cases)
  func whole(shape: (lengths: [Int], axes: [Int])) {
    let (lengths, axes) = shape
    let input = (0..<lengths.reduce(1, *)).map { Int64(($0 * 7) % 5 - 2) }
    let parts = Self.parts(input.map(Float.init), lengths, axes)
    for kind in [AxisReduction.Kind.sum, .max, .min, .mean] {
      var output = [Int64](repeating: 99, count: parts.count)
      WholeReduction.run(kind, lengths: lengths, axes: axes, input: input, output: &output)
      #expect(output == parts.map { Int64(Self.value(kind, $0)) }, "\(kind)")
    }
  }

  /// The elements that belong together, in the order of the output.
  private static func parts(_ input: [Float], _ lengths: [Int], _ axes: [Int]) -> [[Double]] {
    var (parts, known) = ([[Double]](), [[Int]: Int]())
    for (index, value) in input.enumerated() {
      var (rest, place) = (index, [Int]())
      for axis in lengths.indices.reversed() {
        if !axes.contains(axis) { place.append(rest % lengths[axis]) }
        rest /= lengths[axis]
      }
      if let part = known[place] {
        parts[part].append(Double(value))
      } else {
        known[place] = parts.count
        parts.append([Double(value)])
      }
    }
    return parts
  }

  private static func value(_ kind: AxisReduction.Kind, _ part: [Double]) -> Double {
    let squares = part.reduce(0) { $0 + $1 * $1 }
    switch kind {
    case .sum: return part.reduce(0, +)
    case .mean: return part.reduce(0, +) / Double(part.count)
    case .max: return part.max() ?? 0
    case .min: return part.min() ?? 0
    case .product: return part.reduce(1, *)
    case .l1: return part.reduce(0) { $0 + abs($1) }
    case .l2: return squares.squareRoot()
    case .logSum: return log(part.reduce(0, +))
    case .logSumExp: return log(part.reduce(0) { $0 + exp($1) })
    case .sumSquare: return squares
    }
  }
}

import Basics
import Kernels
import TestSupport
import Testing

@Suite("Lines along an axis: extremes, order and running sums")
struct LineTests {
  static let shapes: [(lengths: [Int], axis: Int)] = [
    ([1], 0), ([9], 0), ([3, 7], 1), ([7, 3], 0), ([2, 5, 4], 1), ([300, 40], 1),
  ]

  @Test("Equal their definitions", arguments: shapes, [1, 2])
  func exact(shape: (lengths: [Int], axis: Int), threads: Int) {
    let lines = AxisLines(shape.lengths, axis: shape.axis)
    let (count, pool) = (shape.lengths.reduce(1, *), ThreadPool(threads: threads))
    var random = SeededRandom(seed: 17)
    // Few numbers, so that many are equal.
    let input = random.integers(count, in: -2...2)
    for isSmallest in [false, true] {
      for takesLast in [false, true] {
        var places = [Int64](repeating: -1, count: lines.count)
        LineExtremes.places(
          lines, isSmallest: isSmallest, takesLast: takesLast, input: input, output: &places,
          pool: pool)
        for line in 0..<lines.count {
          let values = Self.line(input, lines, line)
          let best = isSmallest ? values.min() : values.max()
          let all = values.indices.filter { values[$0] == best }
          #expect(Int(places[line]) == (takesLast ? all.last : all.first))
        }
      }
      for kept in Set([1, lines.length / 2, lines.length]) where kept > 0 {
        order(input, lines, kept, isSmallest, shape, pool)
      }
    }
    var marks = [Float](repeating: .nan, count: count)
    LineExtremes.mark(lines, input: input, output: &marks, pool: pool)
    for line in 0..<lines.count {
      let values = Self.line(input, lines, line)
      let first = values.firstIndex(of: values.max() ?? 0)
      #expect(Self.line(marks, lines, line) == values.indices.map { $0 == first ? 1 : 0 })
    }
  }

  private func order(
    _ input: [Float], _ lines: AxisLines, _ kept: Int, _ isSmallest: Bool,
    _ shape: (lengths: [Int], axis: Int), _ pool: ThreadPool
  ) {
    var lengths = shape.lengths
    lengths[shape.axis] = kept
    let targets = AxisLines(lengths, axis: shape.axis)
    var values = [Float](repeating: .nan, count: lines.count * kept)
    var places = [Int64](repeating: -1, count: lines.count * kept)
    LineOrder.run(
      lines, count: kept, isSmallest: isSmallest, input: input, values: &values, places: &places,
      pool: pool)
    for line in 0..<lines.count {
      let given = Self.line(input, lines, line)
      let sorted = given.indices.sorted {
        given[$0] == given[$1] ? $0 < $1 : (given[$0] < given[$1]) == isSmallest
      }
      #expect(Self.line(places, targets, line) == sorted.prefix(kept).map { Int64($0) })
      #expect(Self.line(values, targets, line) == sorted.prefix(kept).map { given[$0] })
    }
  }

  @Test("Sums run either way", arguments: shapes, [false, true])
  func sums(shape: (lengths: [Int], axis: Int), isReversed: Bool) {
    let lines = AxisLines(shape.lengths, axis: shape.axis)
    var random = SeededRandom(seed: 19)
    let input = random.integers(shape.lengths.reduce(1, *))
    for isExclusive in [false, true] {
      let tensor = Tensor(input)
      LineSums.run(
        lines, from: 0, isExclusive: isExclusive, isReversed: isReversed, input: tensor.input,
        output: tensor.pointer, pool: ThreadPool(threads: 2), add: +)
      for line in 0..<lines.count {
        let given = Self.line(input, lines, line)
        let expected = given.indices.map { place in
          let range = isReversed ? place..<given.count : 0..<place + 1
          return given[range].reduce(0, +) - (isExclusive ? given[place] : 0)
        }
        #expect(Self.line(tensor.values, lines, line) == expected)
      }
    }
  }

  private static func line<Element>(
    _ values: [Element], _ lines: AxisLines, _ line: Int
  ) -> [Element] {
    (0..<lines.length).map { values[lines.start(line) + $0 * lines.inner] }
  }
}

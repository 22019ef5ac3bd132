import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Softmax along an axis")
struct RowSoftmaxTests {
  static let shapes: [(lengths: [Int], axis: Int)] = [
    ([1], 0), ([5], 0), ([3, 8], 1), ([7, 1000], 1), ([2, 5, 3], 1), ([2, 9, 33], 1),
    ([4, 1, 6], 1), ([17, 40], 0), ([2, 3, 4, 5], 2),
  ]

  @Test("Equals its definition", arguments: shapes, [1, 2])
  func exact(shape: (lengths: [Int], axis: Int), threads: Int) {
    let lines = AxisLines(shape.lengths, axis: shape.axis)
    let count = shape.lengths.reduce(1, *)
    var random = SeededRandom(seed: 11)
    let input = random.floats(count, in: -30...30)
    let pool = ThreadPool(threads: threads)
    for takesLogarithms in [false, true] {
      var output = [Float](repeating: .nan, count: count)
      RowSoftmax.run(
        lines, takesLogarithms: takesLogarithms, input: input, output: &output, pool: pool)
      let tensor = Tensor(input)
      RowSoftmax.run(
        lines, takesLogarithms: takesLogarithms, input: tensor.input, output: tensor.pointer,
        pool: pool)
      #expect(tensor.values.prefix(count) == output[...], "in place")
      for line in 0..<lines.count {
        let places = (0..<lines.length).map { lines.start(line) + $0 * lines.inner }
        let top = places.map { Double(input[$0]) }.max() ?? 0
        let sum = places.reduce(0) { $0 + exp(Double(input[$1]) - top) }
        for place in places {
          let logarithm = Double(input[place]) - top - log(sum)
          let expected = takesLogarithms ? logarithm : exp(logarithm)
          #expect(abs(Double(output[place]) - expected) < (takesLogarithms ? 1e-5 : 1e-6))
        }
      }
    }
  }

  @Test("Hidden elements get exactly nothing, and sums cannot overflow")
  func extremes() {
    let pool = ThreadPool(threads: 1)
    let input: [Float] = [3e38, -.infinity, 3e38, -3e38, -.infinity, 0, 0, 0, 0]
    var output = [Float](repeating: .nan, count: 9)
    RowSoftmax.run(
      AxisLines([9], axis: 0), takesLogarithms: false, input: input, output: &output, pool: pool)
    #expect(output == [0.5, 0, 0.5, 0, 0, 0, 0, 0, 0])
    let broken: [Float] = [1, .nan, 2]
    RowSoftmax.run(
      AxisLines([3], axis: 0), takesLogarithms: false, input: broken, output: &output, pool: pool)
    #expect(!output[..<3].contains { !$0.isNaN })
  }
}

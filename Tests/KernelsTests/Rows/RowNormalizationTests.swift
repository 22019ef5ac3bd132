import Basics
import Kernels
import TestSupport
import Testing

@Suite("Rows divided by their spread")
struct RowNormalizationTests {
  static let shapes: [(rows: Int, length: Int)] = [(1, 1), (3, 7), (5, 8), (40, 768), (2, 1003)]

  @Test("Equal the definition", arguments: shapes, [1, 2])
  func exact(shape: (rows: Int, length: Int), threads: Int) {
    let (rows, length) = shape
    var random = SeededRandom(seed: 12)
    let input = random.floats(rows * length, in: 2...6)
    let (scale, shift) = (random.floats(length), random.floats(length))
    let pool = ThreadPool(threads: threads)
    for centres in [true, false] {
      for isPlain in [true, false] {
        let norm = RowNormalization(length: length, epsilon: 1e-3, centres: centres)
        let (a, b) = (Tensor(scale), Tensor(shift))
        let (x, y) = (Tensor(input), Tensor(count: rows * length, filledWith: .nan))
        let (means, factors) = (Tensor(count: rows), Tensor(count: rows))
        var operands = RowNormalization.Operands(input: x.input, output: y.pointer)
        if !isPlain {
          (operands.scale, operands.shift) = (a.input, b.input)
          (operands.means, operands.factors) = (means.pointer, factors.pointer)
        }
        norm.run(rows: rows, operands, pool: pool)
        var expected: [Float] = []
        for row in 0..<rows {
          let values = input[row * length..<(row + 1) * length].map(Double.init)
          let mean = centres ? values.reduce(0, +) / Double(length) : 0
          let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
          let factor = 1 / (variance + 1e-3).squareRoot()
          for (j, value) in values.enumerated() {
            let whitened = (value - mean) * factor
            expected.append(
              Float(isPlain ? whitened : whitened * Double(scale[j]) + Double(shift[j])))
          }
          guard !isPlain else { continue }
          #expect(abs(Double(means.values[row]) - mean) < 1e-5)
          #expect(abs(Double(factors.values[row]) - factor) < 1e-4 * factor)
        }
        #expect(relativeError(Array(y.values.prefix(rows * length)), expected) < 1e-5)
      }
    }
  }
}

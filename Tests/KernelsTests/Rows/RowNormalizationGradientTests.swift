import Basics
import Kernels
import TestSupport
import Testing

@Suite("Gradients of rows divided by their spread")
struct RowNormalizationGradientTests {
  static let shapes: [(rows: Int, length: Int)] = [(1, 2), (3, 7), (5, 8), (70, 96), (2, 1003)]

  /// The sum of all outputs times their derivatives, by the definition in float64.
  private func loss(
    _ x: [Double], _ scale: [Double], _ shift: [Double], _ gradient: [Float], centres: Bool
  ) -> Double {
    let length = scale.count
    var loss = 0.0
    for start in stride(from: 0, to: x.count, by: length) {
      let row = x[start..<start + length]
      let mean = centres ? row.reduce(0, +) / Double(length) : 0
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let factor = 1 / (variance + 1e-3).squareRoot()
      for j in 0..<length {
        let y = (x[start + j] - mean) * factor * scale[j] + shift[j]
        loss += y * Double(gradient[start + j])
      }
    }
    return loss
  }

  @Test("Equal central differences of the definition", arguments: shapes, [true, false])
  func differences(shape: (rows: Int, length: Int), centres: Bool) {
    let (rows, length) = shape
    var random = SeededRandom(seed: 14)
    let input = random.floats(rows * length, in: -2...3)
    let (scale, shift) = (random.floats(length, in: 0.5...1.5), random.floats(length))
    let gradient = random.floats(rows * length)
    let norm = RowNormalization(length: length, epsilon: 1e-3, centres: centres)
    let (x, a, dy) = (Tensor(input), Tensor(scale), Tensor(gradient))
    for threads in [1, 3] {
      let kernel = RowNormalizationGradient(norm, threads: threads)
      let byScale = Tensor(count: length, filledWith: .nan)
      let byShift = Tensor(count: length, filledWith: .nan)
      // In the place of the derivative by the output.
      let dx = Tensor(dy.values)
      let workspace = Tensor(count: kernel.workspaceCount, filledWith: .nan)
      kernel.run(
        rows: rows,
        .init(
          input: x.input, scale: a.input, outputGradient: dx.input, inputGradient: dx.pointer,
          scaleGradient: byScale.pointer, shiftGradient: byShift.pointer),
        workspace: workspace.pointer, pool: ThreadPool(threads: threads))
      let values = [input, scale, shift].map { $0.map(Double.init) }
      for (operand, given) in [dx.values, byScale.values, byShift.values].enumerated() {
        let largest = Double(given.map { abs($0) }.max() ?? 0)
        for index in stride(from: 0, to: given.count, by: max(1, given.count / 9)) {
          var (up, down) = (values, values)
          up[operand][index] += 1e-5
          down[operand][index] -= 1e-5
          let difference =
            (loss(up[0], up[1], up[2], gradient, centres: centres)
              - loss(down[0], down[1], down[2], gradient, centres: centres)) / 2e-5
          #expect(
            abs(Double(given[index]) - difference) < 2e-5 * max(1, largest),
            "\(shape) \(operand) \(index)")
        }
      }
    }
  }
}

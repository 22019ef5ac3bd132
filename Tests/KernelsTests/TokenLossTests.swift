import Basics
import Glibc
import Kernels
import TestSupport
import Testing

@Suite("Cross-entropy over a vocabulary")
struct TokenLossTests {
  static let cases: [(rows: Int, classes: Int, smoothing: Double)] = [
    (1, 1, 0), (5, 17, 0), (5, 17, 0.1), (40, 301, 0.2), (3, 30_522, 0.1),
  ]

  /// The mean loss of the rows that count, by its definition in float64.
  private func loss(_ logits: [Double], _ labels: [Int64], _ loss: TokenLoss) -> Double {
    var (sum, count) = (0.0, 0)
    for (row, label) in labels.enumerated() where label != loss.ignored {
      let own = logits[row * loss.classes..<(row + 1) * loss.classes]
      let top = own.max() ?? 0
      let logarithm = top + log(own.reduce(0) { $0 + exp($1 - top) })
      let mean = own.reduce(0, +) / Double(loss.classes)
      sum += logarithm - loss.smoothing * mean
      sum -= (1 - loss.smoothing) * own[own.startIndex + Int(label)]
      count += 1
    }
    return sum / Double(count)
  }

  @Test("Loss and gradient equal the definition, in place too", arguments: cases, [1, 3])
  func exact(one: (rows: Int, classes: Int, smoothing: Double), threads: Int) {
    let (rows, classes) = (one.rows, one.classes)
    var random = SeededRandom(seed: 8)
    let logits = random.floats(rows * classes, in: -6...6)
    var labels = (0..<rows).map { Int64((7 * $0 + 3) % classes) }
    if rows > 2 { labels[1] = -100 }
    let loss = TokenLoss(classes: classes, smoothing: one.smoothing)
    let expected = self.loss(logits.map(Double.init), labels, loss)
    let pool = ThreadPool(threads: threads)
    let apart = (Tensor(logits), Tensor(count: logits.count, filledWith: .nan))
    let inPlace = Tensor(logits)
    var losses = [Double](repeating: .nan, count: rows)
    let first = loss.compute(
      rows: rows, logits: apart.0.input, labels: labels, gradient: apart.1.pointer,
      losses: &losses, pool: pool)
    let second = loss.compute(
      rows: rows, logits: inPlace.input, labels: labels, gradient: inPlace.pointer,
      losses: &losses, pool: pool)
    #expect(abs(first - expected) <= 1e-6 * max(1, abs(expected)))
    #expect(first == second && apart.1.values == inPlace.values)
    let largest = Double(apart.1.values.map { abs($0) }.max() ?? 0)
    for index in stride(from: 0, to: logits.count, by: max(1, logits.count / 11)) {
      var (up, down) = (logits.map(Double.init), logits.map(Double.init))
      up[index] += 1e-5
      down[index] -= 1e-5
      let difference = (self.loss(up, labels, loss) - self.loss(down, labels, loss)) / 2e-5
      #expect(abs(Double(inPlace.values[index]) - difference) < 1e-6 + 1e-5 * largest)
    }
    if rows > 2 {
      #expect(inPlace.values[classes..<2 * classes].allSatisfy { $0 == 0 })
    }
  }

  @Test("Huge logits neither overflow nor vanish, and NaN stays visible")
  func extremes() {
    let pool = ThreadPool(threads: 1)
    var losses = [0.0]
    func value(_ logits: [Float], _ label: Int64) -> Double {
      let tensor = Tensor(logits)
      return TokenLoss(classes: logits.count).compute(
        rows: 1, logits: tensor.input, labels: [label], gradient: tensor.pointer,
        losses: &losses, pool: pool)
    }
    let loss = value([3e38, -3e38, 0], 1)
    #expect(loss.isFinite && loss > 5e38)
    #expect(value([1, .nan, 2], 0).isNaN)
    #expect(value([1, 2], -100).isNaN, "a mean of nothing")
  }
}

import Basics
import Kernels
import TestSupport
import Testing

@Suite("Bias gradient")
struct BiasGradientTests {
  @Test("Sums over rows, for any number of channels and threads", arguments: [1, 3, 8, 33, 100])
  func sums(channels: Int) {
    var random = SeededRandom(seed: 5)
    let rows = 57
    let gradient = Tensor(random.integers(rows * channels))
    let expected = (0..<channels).map { c in
      (0..<rows).reduce(Float(0)) { $0 + gradient.values[$1 * channels + c] }
    }
    for threads in [1, 2, 4] {
      let sums = Tensor(count: channels, filledWith: .nan)
      BiasGradient.sum(
        rows: rows, channels: channels, gradient.input, into: sums.pointer,
        pool: ThreadPool(threads: threads))
      #expect(sums.values == expected)
    }
  }
}

import Basics
import Kernels
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
  private func mask(_ dropout: Dropout, count: Int, step: Int, threads: Int) -> [Float] {
    let (ones, output) = (Tensor(count: count, filledWith: 1), Tensor(count: count))
    dropout.apply(
      count: count, input: ones.input, output: output.pointer, step: step,
      pool: ThreadPool(threads: threads))
    return output.values
  }

  @Test("The mask is the same for any number of threads, and as keeps(_:step:) says")
  func threads() {
    let dropout = Dropout(probability: 0.5, seed: 42)
    let expected = (0..<5_000).map { dropout.keeps($0, step: 3) ? Float(2) : 0 }
    for threads in [1, 2, 5] {
      #expect(mask(dropout, count: 5_000, step: 3, threads: threads) == expected)
    }
  }

  @Test("A part of a tensor has the mask that it has in the whole")
  func part() {
    let dropout = Dropout(probability: 0.5, seed: 42)
    let whole = mask(dropout, count: 3_000, step: 3, threads: 2)
    let (ones, output) = (Tensor(count: 1_000, filledWith: 1), Tensor(count: 1_000))
    dropout.apply(
      count: 1_000, input: ones.input, output: output.pointer, step: 3, first: 2_000,
      pool: ThreadPool(threads: 2))
    #expect(output.values == Array(whole[2_000...]))
  }

  @Test("Other steps and seeds give other masks")
  func variety() {
    let dropout = Dropout(probability: 0.5, seed: 42)
    let base = mask(dropout, count: 5_000, step: 3, threads: 1)
    let others = [
      mask(dropout, count: 5_000, step: 4, threads: 1),
      mask(Dropout(probability: 0.5, seed: 43), count: 5_000, step: 3, threads: 1),
    ]
    for other in others {
      let same = zip(base, other).filter { $0 == $1 }.count
      // Of 5000 independent fair bits 2500 agree, give or take 35 (one standard deviation).
      #expect(abs(same - 2_500) < 200)
    }
  }

  @Test("The kept share is one minus the probability", arguments: [0.0, 0.1, 0.5, 0.9])
  func share(probability: Double) {
    let dropout = Dropout(probability: probability, seed: 7)
    let kept = mask(dropout, count: 40_000, step: 0, threads: 2).filter { $0 != 0 }
    let expected = 40_000 * (1 - probability)
    #expect(abs(Double(kept.count) - expected) <= 4 * (expected * probability).squareRoot())
    #expect(Set(kept) == [Float(1 / (1 - probability))])
  }

  @Test("Forward and backward of one step use one mask, in place too")
  func backward() {
    var random = SeededRandom(seed: 1)
    let dropout = Dropout(probability: 0.3, seed: 9)
    let pool = ThreadPool(threads: 2)
    let gradient = Tensor(random.floats(999))
    let before = gradient.values
    dropout.apply(
      count: 999, input: gradient.input, output: gradient.pointer, step: 8, pool: pool)
    let expected = before.enumerated().map {
      dropout.keeps($0.offset, step: 8) ? $0.element * dropout.scale : 0
    }
    #expect(gradient.values == expected)
  }
}

import Basics
import Glibc
import Kernels
import TestSupport
import Testing

@Suite("Softmax cross-entropy")
struct SoftmaxLossTests {
  @Test("Equal logits lose the logarithm of the number of classes")
  func uniform() {
    let logits = Tensor(count: 3 * 1_000, filledWith: 5)
    let labels: [Int32] = [0, 500, 999]
    let loss = SoftmaxLoss.compute(
      images: 3, classes: 1_000, logits: logits.input, labels: labels)
    #expect(abs(loss - log(1_000)) < 1e-12)
  }

  @Test("The loss equals the definition, for both label types")
  func reference() {
    var random = SeededRandom(seed: 2)
    let (images, classes) = (5, 17)
    let logits = Tensor(random.floats(images * classes, in: -6...6))
    let labels: [Int64] = [0, 16, 3, 3, 8]
    let expected = SoftmaxLoss.reference(
      images: images, classes: classes, logits: logits.input, labels: labels)
    let wide = SoftmaxLoss.compute(
      images: images, classes: classes, logits: logits.input, labels: labels)
    let narrow = SoftmaxLoss.compute(
      images: images, classes: classes, logits: logits.input, labels: labels.map(Int32.init))
    #expect(abs(wide - expected) < 1e-12 * expected)
    #expect(wide == narrow)
  }

  @Test("The shards of a batch add up to its mean, and their gradients are the batch's")
  func shards() {
    var random = SeededRandom(seed: 6)
    let (images, classes) = (6, 11)
    let logits = Tensor(random.floats(images * classes, in: -3...3))
    let labels: [Int32] = [10, 0, 5, 5, 1, 7]
    let whole = Tensor(count: images * classes)
    let loss = SoftmaxLoss.compute(
      images: images, classes: classes, logits: logits.input, labels: labels,
      gradient: whole.pointer)
    var sum = 0.0
    for shard in 0..<3 {
      let part = Tensor(count: 2 * classes)
      sum += SoftmaxLoss.compute(
        images: 2, classes: classes, logits: logits.input + 2 * shard * classes,
        labels: Array(labels[2 * shard..<2 * shard + 2]), gradient: part.pointer, shards: 3)
      #expect(
        part.values == Array(whole.values[2 * shard * classes..<2 * (shard + 1) * classes]))
    }
    #expect(abs(sum - loss) < 1e-12 * loss)
  }

  @Test("The gradient equals float64 central differences, in place too")
  func gradient() {
    var random = SeededRandom(seed: 4)
    let (images, classes) = (4, 11)
    let logits = Tensor(random.floats(images * classes, in: -3...3))
    let labels: [Int32] = [10, 0, 5, 5]
    func loss(_ values: [Float]) -> Double {
      let logits = Tensor(values)
      return SoftmaxLoss.compute(
        images: images, classes: classes, logits: logits.input, labels: labels)
    }
    let before = logits.values
    var differences = [Float]()
    for i in before.indices {
      let (up, down) = (before[i] + 0.01, before[i] - 0.01)
      var (above, below) = (before, before)
      (above[i], below[i]) = (up, down)
      differences.append(Float((loss(above) - loss(below)) / (Double(up) - Double(down))))
    }
    _ = SoftmaxLoss.compute(
      images: images, classes: classes, logits: logits.input, labels: labels,
      gradient: logits.pointer)
    #expect(relativeError(logits.values, differences) < 1e-4)
  }

  @Test("Huge logits neither overflow nor vanish, and NaN stays visible")
  func extremes() {
    let labels: [Int32] = [1]
    let huge = Tensor([3e38, -3e38, 0])
    let loss = SoftmaxLoss.compute(images: 1, classes: 3, logits: huge.input, labels: labels)
    #expect(loss.isFinite && loss > 5e38)
    let broken = Tensor([1, .nan, 2])
    #expect(
      SoftmaxLoss.compute(images: 1, classes: 3, logits: broken.input, labels: labels).isNaN)
  }
}

import Basics
import Kernels
import TestSupport
import Testing

@Suite("Optimizers with moments, and clipping")
struct OptimizerTests {
  /// Tensors side by side, each from a multiple of 16 on, as a state of training has them.
  private struct Arena {
    let segments: [OptimizerPass.Segment]
    let (weights, gradients, moments, squares): (Tensor, Tensor, Tensor, Tensor)

    init(_ tensors: [[Float]], decays: [Bool]) {
      var (segments, end): ([OptimizerPass.Segment], Int) = ([], 0)
      for (tensor, decays) in zip(tensors, decays) {
        segments.append(.init(range: end..<end + tensor.count, decays: decays))
        end = (end + tensor.count + 15) / 16 * 16
      }
      self.segments = segments
      weights = Tensor(count: end)
      gradients = Tensor(count: end)
      moments = Tensor(count: end)
      squares = Tensor(count: end)
      for (tensor, segment) in zip(tensors, segments) { Self.put(tensor, segment, weights) }
    }

    static func put(_ values: [Float], _ segment: OptimizerPass.Segment, _ target: Tensor) {
      for (index, value) in values.enumerated() {
        target.pointer[segment.range.lowerBound + index] = value
      }
    }

    func step(_ optimizer: Optimizer, _ step: Int, gradients given: [[Float]], threads: Int) {
      for (values, segment) in zip(given, segments) { Self.put(values, segment, gradients) }
      let pass = OptimizerPass(optimizer.kind, segments: segments, threads: threads)
      let (numbers, workspace) = (
        Tensor(count: Optimizer.numberCount), Tensor(count: pass.workspaceCount)
      )
      optimizer.write(step: step, into: numbers.pointer)
      pass.run(
        .init(
          weights: weights.pointer, gradients: gradients.input, moments: moments.pointer,
          squares: optimizer.kind.hasSecondMoment ? squares.pointer : nil),
        numbers: numbers.input, workspace: workspace.pointer, pool: ThreadPool(threads: threads))
    }
  }

  static let optimizers: [Optimizer] = [
    Optimizer(.sgd, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01),
    Optimizer(.sgd, learningRate: 0.7, momentum: 0, clip: 0.5),
    Optimizer(.adam, learningRate: 1e-2, weightDecay: 0.05),
    Optimizer(.adam, learningRate: 1e-2, secondMomentum: 0.98, epsilon: 1e-9, clip: 2),
    Optimizer(.adamw, learningRate: 1e-2, weightDecay: 0.1, clip: 1e6),
    Optimizer(.adamw, learningRate: 1e-3, secondMomentum: 0.95, weightDecay: 0.1, clip: 1),
    Optimizer(.lamb, learningRate: 1e-2, epsilon: 1e-6, weightDecay: 0.01),
    Optimizer(.lamb, learningRate: 1e-2, weightDecay: 0, clip: 3),
  ]

  @Test("Five steps equal the reference", arguments: optimizers, [1, 3])
  func againstReference(optimizer: Optimizer, threads: Int) {
    var random = SeededRandom(seed: 6)
    let counts = [3, 16, 5_003, 1, 700]
    let decays = [true, false, true, true, false]
    let start = counts.map { random.floats($0) }
    let arena = Arena(start, decays: decays)
    var expected = zip(start, decays).map { Optimizer.Tensor($0, decays: $1) }
    for step in 1...5 {
      let gradients = counts.map { random.floats($0, in: -0.3...0.3) }
      arena.step(optimizer, step, gradients: gradients, threads: threads)
      optimizer.updateReference(step: step, &expected, gradients: gradients)
    }
    for (tensor, segment) in zip(expected, arena.segments) {
      let range = segment.range
      func own(_ tensor: Tensor) -> [Float] { Array(tensor.values[range]) }
      #expect(relativeError(own(arena.weights), tensor.weights.map { Float($0) }) < 1e-6)
      #expect(relativeError(own(arena.moments), tensor.moments.map { Float($0) }) < 1e-6)
      guard optimizer.kind.hasSecondMoment else { continue }
      #expect(relativeError(own(arena.squares), tensor.squares.map { Float($0) }) < 1e-6)
    }
    // What lies between two tensors stays 0.
    #expect(arena.weights.values[3..<16].allSatisfy { $0 == 0 })
  }

  @Test("One step by hand: of Adam a step of the rate, of AdamW the decay apart")
  func byHand() {
    for (kind, weight) in [(Optimizer.Kind.adam, 3.5), (.adamw, 3), (.sgd, 1)]
      as [(Optimizer.Kind, Float)]
    {
      let optimizer = Optimizer(
        kind, learningRate: 0.5, momentum: 0.5, secondMomentum: 0.75, epsilon: 0,
        weightDecay: 0.25)
      let arena = Arena([[4]], decays: [true])
      arena.step(optimizer, 1, gradients: [[5]], threads: 1)
      // Adam: any gradient gives a step of 1; AdamW: 4 − 0.5 · 0.25 · 4 before it; SGD: 5 + 1.
      #expect(abs(arena.weights.values[0] - weight) < 1e-6, "\(kind)")
    }
  }

  @Test("A gradient above the limit is as long as that, and one below it stays")
  func clips() {
    for (clip, factor) in [(2.5, 0.5), (10, 1)] as [(Double, Float)] {
      let optimizer = Optimizer(.sgd, learningRate: 1, momentum: 0, clip: clip)
      let arena = Arena([[0], [0]], decays: [false, false])
      arena.step(optimizer, 1, gradients: [[3], [4]], threads: 2)
      #expect(abs(arena.weights.values[0] + 3 * factor) < 1e-6)
      #expect(abs(arena.weights.values[16] + 4 * factor) < 1e-6)
    }
  }
}

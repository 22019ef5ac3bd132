import Basics
import Kernels
import TestSupport
import Testing

/// Steps of training over bfloat16: what those over float32 give of the same numbers, rounded once.
@Suite("Training steps over bfloat16")
struct BFloat16TrainingTests {
  // Of each case its own: cases run side by side, and regions of a pool do not.
  private let pool = ThreadPool(threads: 2)

  /// Numbers as bfloat16 and as floats, and where results go.
  private final class Pair {
    let rounded: GuardedBytes
    let floats: Tensor

    init(_ values: [BFloat16]) {
      rounded = GuardedBytes(values)
      floats = Tensor(values.map(\.value))
    }

    /// Room for results, none of them a number.
    convenience init(count: Int) {
      self.init([BFloat16](repeating: BFloat16(.nan), count: count))
    }

    var pointer: UnsafeMutablePointer<BFloat16> {
      rounded.pointer.assumingMemoryBound(to: BFloat16.self)
    }
    var input: UnsafePointer<BFloat16> { UnsafePointer(pointer) }
    /// Whether the floats round to what is there; NaN may be any.
    var agrees: Bool {
      rounded.isIntact
        && floats.values.enumerated().allSatisfy { index, value in
          value.isNaN ? pointer[index].value.isNaN : BFloat16(value) == pointer[index]
        }
    }
  }

  private func draw(_ count: Int, seed: UInt64) -> [BFloat16] {
    var random = SeededRandom(seed: seed)
    return random.floats(count, in: -3...3).map { BFloat16($0) }
  }

  @Test(
    "Batch-norm is float32's on the same numbers",
    arguments: BatchNormTests.sizes, BatchNormTests.forms)
  func norms(
    size: (rows: Int, channels: Int), form: (addsResidual: Bool, appliesReLU: Bool)
  ) {
    let (rows, channels) = size
    let count = rows * channels
    let (x, residual) = (Pair(draw(count, seed: 1)), Pair(draw(count, seed: 2)))
    let (y, dy, dx) = (Pair(count: count), Pair(draw(count, seed: 3)), Pair(count: count))
    var random = SeededRandom(seed: 4)
    let (scale, offset) = (
      Tensor(random.floats(channels, in: -1.5...1.5)), Tensor(random.floats(channels))
    )
    // Those of bfloat16, then those of float32.
    let statistics = (0..<2).map { _ in
      (0..<4).map { _ in Tensor(count: channels, filledWith: 0.5) }
    }
    let gradients = (0..<2).map { _ in (0..<2).map { _ in Tensor(count: channels) } }
    func parameters(_ own: [Tensor]) -> BatchNormParameters {
      BatchNormParameters(
        scale: scale.input, offset: offset.input, batchMean: own[0].pointer,
        inverseDeviation: own[1].pointer, runningMean: own[2].pointer,
        runningVariance: own[3].pointer)
    }
    let norm = BatchNorm(rows: rows, channels: channels, threads: pool.threads)
    norm.forward(
      BFloat16NormForwardOperands(
        input: x.input, residual: form.addsResidual ? residual.input : nil, output: y.pointer),
      parameters(statistics[0]), appliesReLU: form.appliesReLU, pool: pool)
    norm.forward(
      BatchNormForwardOperands(
        input: x.floats.input, residual: form.addsResidual ? residual.floats.input : nil,
        output: y.floats.pointer),
      parameters(statistics[1]), appliesReLU: form.appliesReLU, pool: pool)
    #expect(y.agrees && x.rounded.isIntact && residual.rounded.isIntact)
    // What backward reads of the output is what was stored.
    let stored = Tensor((0..<count).map { y.pointer[$0].value })
    let isByOutput = form.addsResidual && form.appliesReLU
    norm.backward(
      BFloat16NormBackwardOperands(
        input: x.input, outputGradient: dy.pointer,
        rectifier: isByOutput ? .byOutput(y.input) : form.appliesReLU ? .recomputed : .none,
        inputGradient: dx.pointer, scaleGradient: gradients[0][0].pointer,
        offsetGradient: gradients[0][1].pointer),
      parameters(statistics[0]), pool: pool)
    norm.backward(
      BatchNormBackwardOperands(
        input: x.floats.input, outputGradient: dy.floats.pointer,
        rectifier: isByOutput
          ? .byOutput(stored.input) : form.appliesReLU ? .recomputed : .none,
        inputGradient: dx.floats.pointer, scaleGradient: gradients[1][0].pointer,
        offsetGradient: gradients[1][1].pointer),
      parameters(statistics[1]), pool: pool)
    #expect(dx.agrees && dy.agrees)
    for (own, float) in zip(statistics[0] + gradients[0], statistics[1] + gradients[1]) {
      #expect(own.values == float.values)
    }
  }

  private static let windows = [
    PoolShape(N: 2, C: 21, H: 7, W: 9, window: 3, stride: 2, padding: 1),
    PoolShape(N: 1, C: 300, H: 7, W: 7, window: 7, stride: 1),
    PoolShape(N: 1, C: 3, H: 4, W: 5, window: 2, stride: 2),
    PoolShape(N: 2, C: 16, H: 6, W: 6, window: 3, stride: 1, padding: 1),
  ]

  @Test("Maxima remember where they were, and gradients find them", arguments: 0..<4)
  func maxima(index: Int) {
    let shape = Self.windows[index]
    var values = draw(shape.inputCount, seed: 5)
    for channel in [0, shape.C / 2, shape.C - 1] {
      values[shape.C + channel] = BFloat16(.nan)
      values[2 * shape.C + channel] = BFloat16(.infinity)
      values[3 * shape.C + channel] = BFloat16(-.infinity)
    }
    // Of equal numbers the first wins.
    for place in stride(from: 1, to: values.count, by: 3) { values[place] = BFloat16(2) }
    let (input, output) = (Pair(values), Pair(count: shape.outputCount))
    let positions = (0..<2).map { _ in GuardedBytes(count: shape.outputCount) }
    BFloat16Pool.maximum(
      shape, input: input.input, output: output.pointer, positions: positions[0].bytes,
      pool: pool)
    MaxPool.forward(
      shape, input: input.floats.input, output: output.floats.pointer,
      positions: positions[1].bytes, pool: pool)
    #expect(output.agrees && positions[0].isIntact)
    #expect(positions[0].values == positions[1].values)
    let pitch = shape.C + 5
    let wide = GuardedBytes(
      [BFloat16](repeating: BFloat16(7), count: shape.outputCount / shape.C * pitch))
    let elements = wide.pointer.assumingMemoryBound(to: BFloat16.self)
    BFloat16Pool.maximum(
      shape, input: input.input, output: elements, pitch: pitch, positions: positions[0].bytes,
      pool: pool)
    #expect(wide.isIntact && positions[0].values == positions[1].values)
    for pixel in 0..<shape.outputCount / shape.C {
      for c in 0..<pitch {
        let value = elements[pixel * pitch + c]
        #expect(value == (c < shape.C ? output.pointer[pixel * shape.C + c] : BFloat16(7)))
      }
    }
    let gradient = Pair(draw(shape.outputCount, seed: 6))
    let target = Pair(count: shape.inputCount)
    BFloat16Pool.maximumBackward(
      shape, outputGradient: gradient.input, positions: positions[0].input,
      inputGradient: target.pointer, pool: pool)
    MaxPool.backward(
      shape, outputGradient: gradient.floats.input, positions: positions[1].input,
      inputGradient: target.floats.pointer, pool: pool)
    // An array is released after its last use, even while a kernel reads by a pointer into it.
    #expect(positions[0].isIntact && positions[0].values == positions[1].values)
    #expect(target.agrees && gradient.rounded.isIntact)
  }

  @Test("Gradients of means are spread over their windows", arguments: 0..<4)
  func means(index: Int) {
    let shape = Self.windows[index]
    let gradient = Pair(draw(shape.outputCount, seed: 7))
    let target = Pair(count: shape.inputCount)
    BFloat16Pool.meanBackward(
      shape, outputGradient: gradient.input, inputGradient: target.pointer, pool: pool)
    AveragePool.backward(
      shape, outputGradient: gradient.floats.input, inputGradient: target.floats.pointer,
      pool: pool)
    #expect(target.agrees)
  }

  @Test(
    "Gradients of means are spread over parts of the image",
    arguments: [
      AdaptivePoolShape(N: 2, C: 19, H: 5, W: 7, P: 3, Q: 2),
      AdaptivePoolShape(N: 2, C: 260, H: 3, W: 3),
      AdaptivePoolShape(N: 1, C: 5, H: 2, W: 3, P: 4, Q: 4),
    ])
  func parts(shape: AdaptivePoolShape) {
    let gradient = Pair(draw(shape.outputCount, seed: 8))
    let target = Pair(count: shape.inputCount)
    BFloat16Pool.meanBackward(
      shape, outputGradient: gradient.input, inputGradient: target.pointer, pool: pool)
    AdaptiveAveragePool.backward(
      shape, outputGradient: gradient.floats.input, inputGradient: target.floats.pointer,
      pool: pool)
    #expect(target.agrees)
  }

  @Test("ReLU, GELU and dropout go element by element", arguments: [1, 16, 131, 9000])
  func elements(count: Int) {
    var values = draw(count, seed: 9)
    values[count / 2] = BFloat16(.nan)
    let (input, gradient) = (Pair(values), Pair(draw(count, seed: 10)))
    for isByTanh in [false, true] {
      let (output, target) = (Pair(count: count), Pair(count: count))
      let function: PointwiseFunction = isByTanh ? .geluByTanh : .gelu
      BFloat16Rows.apply(
        function, count: count, input: input.input, output: output.pointer, pool: pool)
      Elementwise.apply(
        function, .f32, count: count, input: UnsafeRawPointer(input.floats.input),
        output: UnsafeMutableRawPointer(output.floats.pointer), pool: pool)
      #expect(output.agrees)
      BFloat16Rows.geluBackward(
        count: count, isByTanh: isByTanh, input: input.input, outputGradient: gradient.input,
        inputGradient: target.pointer, pool: pool)
      Activation.geluBackward(
        count: count, isByTanh: isByTanh, input: input.floats.input,
        outputGradient: gradient.floats.input, inputGradient: target.floats.pointer, pool: pool)
      #expect(target.agrees)
    }
    let masked = Pair(count: count)
    let dropout = Dropout(probability: 0.3, seed: 2)
    dropout.apply(
      count: count, input: input.input, output: masked.pointer, step: 5, first: 3, pool: pool)
    dropout.apply(
      count: count, input: input.floats.input, output: masked.floats.pointer, step: 5, first: 3,
      pool: pool)
    #expect(masked.agrees)
    BFloat16Rows.reluBackward(
      count: count, output: input.input, gradient: gradient.pointer, pool: pool)
    Activation.reluBackward(
      count: count, output: input.floats.input, gradient: gradient.floats.pointer, pool: pool)
    #expect(gradient.agrees)
  }

  @Test("A bias's gradient is a sum in float64", arguments: [(7, 1), (33, 16), (100, 41)])
  func biases(rows: Int, channels: Int) {
    let gradient = Pair(draw(rows * channels, seed: 11))
    let (own, float) = (
      Tensor(count: channels, filledWith: .nan), Tensor(count: channels, filledWith: .nan)
    )
    BiasGradient.sum(
      rows: rows, channels: channels, gradient.input, into: own.pointer, pool: pool)
    BiasGradient.sum(
      rows: rows, channels: channels, gradient.floats.input, into: float.pointer, pool: pool)
    #expect(own.values == float.values)
  }
}

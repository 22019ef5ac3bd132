import Basics
import Kernels
import TestSupport
import Testing

/// One layer's memory, activations and gradients.
private final class Layer {
  let (rows, channels): (Int, Int)
  let x, residual, scale, offset, mean, inverse, runningMean, runningVariance, y: Tensor
  let dy, dx, dScale, dOffset: Tensor

  init(rows: Int, channels: Int, seed: UInt64 = 1, shift: Float = 0) {
    var random = SeededRandom(seed: seed)
    let count = rows * channels
    (self.rows, self.channels) = (rows, channels)
    x = Tensor(random.floats(count).map { $0 + shift })
    residual = Tensor(random.floats(count))
    scale = Tensor(random.floats(channels, in: -1.5...1.5))
    offset = Tensor(random.floats(channels))
    dy = Tensor(random.floats(count))
    (mean, inverse) = (Tensor(count: channels), Tensor(count: channels))
    (runningMean, runningVariance) = (
      Tensor(random.floats(channels)), Tensor(random.floats(channels, in: 0.5...2))
    )
    (y, dx) = (Tensor(count: count, filledWith: .nan), Tensor(count: count, filledWith: .nan))
    (dScale, dOffset) = (Tensor(count: channels), Tensor(count: channels))
  }

  var parameters: BatchNormParameters {
    BatchNormParameters(
      scale: scale.input, offset: offset.input, batchMean: mean.pointer,
      inverseDeviation: inverse.pointer, runningMean: runningMean.pointer,
      runningVariance: runningVariance.pointer)
  }

  func forward(addsResidual: Bool) -> BatchNormForwardOperands {
    BatchNormForwardOperands(
      input: x.input, residual: addsResidual ? residual.input : nil, output: y.pointer)
  }

  func backward(_ rectifier: BatchNormBackwardOperands.Rectifier) -> BatchNormBackwardOperands {
    BatchNormBackwardOperands(
      input: x.input, outputGradient: dy.pointer, rectifier: rectifier, inputGradient: dx.pointer,
      scaleGradient: dScale.pointer, offsetGradient: dOffset.pointer)
  }

  func rectifier(addsResidual: Bool, appliesReLU: Bool) -> BatchNormBackwardOperands.Rectifier {
    appliesReLU ? (addsResidual ? .byOutput(y.input) : .recomputed) : .none
  }
}

private func error(_ a: Tensor, _ b: Tensor) -> Double { relativeError(a.values, b.values) }

@Suite("Batch normalisation, training")
struct BatchNormTests {
  static let sizes: [(rows: Int, channels: Int)] = [
    (2, 1), (9, 5), (50, 8), (33, 17), (64, 24), (700, 64), (11, 300), (5_000, 3),
  ]
  static let forms: [(addsResidual: Bool, appliesReLU: Bool)] = [
    (false, false), (false, true), (true, false), (true, true),
  ]

  @Test("Forward and backward equal the reference", arguments: sizes, forms)
  func againstReference(
    size: (rows: Int, channels: Int), form: (addsResidual: Bool, appliesReLU: Bool)
  ) {
    let reference = BatchNormReference(rows: size.rows, channels: size.channels)
    let expected = Layer(rows: size.rows, channels: size.channels)
    reference.forward(
      expected.forward(addsResidual: form.addsResidual), expected.parameters,
      appliesReLU: form.appliesReLU)
    reference.backward(
      expected.backward(
        expected.rectifier(addsResidual: form.addsResidual, appliesReLU: form.appliesReLU)),
      expected.parameters)
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      let norm = BatchNorm(rows: size.rows, channels: size.channels, threads: threads)
      let layer = Layer(rows: size.rows, channels: size.channels)
      norm.forward(
        layer.forward(addsResidual: form.addsResidual), layer.parameters,
        appliesReLU: form.appliesReLU, pool: pool)
      norm.backward(
        layer.backward(
          layer.rectifier(addsResidual: form.addsResidual, appliesReLU: form.appliesReLU)),
        layer.parameters, pool: pool)
      #expect(error(layer.y, expected.y) < 2e-6)
      #expect(error(layer.mean, expected.mean) < 1e-6)
      #expect(error(layer.inverse, expected.inverse) < 1e-6)
      #expect(error(layer.runningMean, expected.runningMean) < 1e-6)
      #expect(error(layer.runningVariance, expected.runningVariance) < 1e-6)
      #expect(error(layer.dy, expected.dy) < 1e-12, "the residual's gradient")
      #expect(error(layer.dScale, expected.dScale) < 1e-5)
      #expect(error(layer.dOffset, expected.dOffset) < 1e-5)
      // Two rows of one channel normalise to ±1, whose gradient is 0 up to rounding.
      if size.rows > 2 { #expect(error(layer.dx, expected.dx) < 1e-5) }
    }
  }

  @Test("The reference gradients equal float64 central differences", arguments: forms)
  func finiteDifferences(form: (addsResidual: Bool, appliesReLU: Bool)) {
    let layer = Layer(rows: 12, channels: 3, seed: 7)
    let reference = BatchNormReference(rows: 12, channels: 3)
    let dy = layer.dy.values.map(Double.init)
    let values = [layer.x, layer.scale, layer.offset, layer.residual].map {
      $0.values.map(Double.init)
    }
    func loss(_ v: [[Double]]) -> Double {
      var sum = 0.0
      for c in 0..<3 {
        let column = (0..<12).map { v[0][$0 * 3 + c] }
        let mean = column.reduce(0, +) / 12
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12
        for row in 0..<12 {
          var y = (column[row] - mean) / (variance + 1e-5).squareRoot() * v[1][c] + v[2][c]
          if form.addsResidual { y += v[3][row * 3 + c] }
          sum += (form.appliesReLU ? max(y, 0) : y) * dy[row * 3 + c]
        }
      }
      return sum
    }
    func differences(_ part: Int) -> [Float] {
      values[part].indices.map { i in
        var (above, below) = (values, values)
        above[part][i] += 1e-5
        below[part][i] -= 1e-5
        return Float((loss(above) - loss(below)) / 2e-5)
      }
    }
    reference.forward(
      layer.forward(addsResidual: form.addsResidual), layer.parameters,
      appliesReLU: form.appliesReLU)
    reference.backward(
      layer.backward(
        layer.rectifier(addsResidual: form.addsResidual, appliesReLU: form.appliesReLU)),
      layer.parameters)
    #expect(relativeError(layer.dx.values, differences(0)) < 1e-4)
    #expect(relativeError(layer.dScale.values, differences(1)) < 1e-4)
    #expect(relativeError(layer.dOffset.values, differences(2)) < 1e-4)
    if form.addsResidual, form.appliesReLU {
      #expect(relativeError(layer.dy.values, differences(3)) < 1e-4)
    }
  }

  @Test("A mean far from 0 costs no accuracy")
  func shiftedMean() {
    let (norm, reference) = (
      BatchNorm(rows: 4_000, channels: 16, threads: 2),
      BatchNormReference(rows: 4_000, channels: 16)
    )
    let (layer, expected) = (
      Layer(rows: 4_000, channels: 16, shift: 1_000), Layer(rows: 4_000, channels: 16, shift: 1_000)
    )
    norm.forward(
      layer.forward(addsResidual: false), layer.parameters, appliesReLU: false,
      pool: ThreadPool(threads: 2))
    reference.forward(
      expected.forward(addsResidual: false), expected.parameters, appliesReLU: false)
    #expect(error(layer.inverse, expected.inverse) < 1e-6)
    // The float32 mean itself is off by up to 2⁻¹⁵ here, on values of size 1.7.
    #expect(error(layer.y, expected.y) < 1e-4)
  }

  @Test("Running averages move by momentum 0.1, with the unbiased variance")
  func runningAverages() {
    let layer = Layer(rows: 4, channels: 1)
    for (i, value) in [Float(1), 2, 3, 6].enumerated() { layer.x.pointer[i] = value }
    (layer.runningMean.pointer[0], layer.runningVariance.pointer[0]) = (10, 1)
    BatchNorm(rows: 4, channels: 1, threads: 1).forward(
      layer.forward(addsResidual: false), layer.parameters, appliesReLU: false,
      pool: ThreadPool(threads: 1))
    // Mean 3, squares 4 + 1 + 0 + 9 = 14, unbiased 14/3.
    #expect(abs(layer.runningMean.values[0] - 9.3) < 1e-6)
    #expect(abs(layer.runningVariance.values[0] - Float(0.9 + 0.1 * 14 / 3)) < 1e-6)
  }

  @Test("Layers of one size share it, each with its own epsilon")
  func epsilons() {
    let layer = Layer(rows: 4, channels: 1)
    for (i, value) in [Float(1), 2, 3, 6].enumerated() { layer.x.pointer[i] = value }
    let norm = BatchNorm(rows: 4, channels: 1, threads: 1)
    // Mean 3, squares 4 + 1 + 0 + 9 = 14: a variance of 3.5.
    for (epsilon, inverse) in [(Float(0.5), Float(1) / 2), (5.5, 1 / 3)] {
      var operands = layer.forward(addsResidual: false)
      operands.epsilon = epsilon
      norm.forward(operands, layer.parameters, appliesReLU: false, pool: ThreadPool(threads: 1))
      #expect(abs(layer.inverse.values[0] - inverse) < 1e-6)
    }
  }

  @Test("Backward may overwrite the gradient it reads, and the residual may be the output")
  func inPlace() {
    let (rows, channels) = (100, 32)
    let pool = ThreadPool(threads: 2)
    let norm = BatchNorm(rows: rows, channels: channels, threads: 2)
    let (layer, same) = (
      Layer(rows: rows, channels: channels), Layer(rows: rows, channels: channels)
    )
    norm.forward(
      layer.forward(addsResidual: true), layer.parameters, appliesReLU: true, pool: pool)
    norm.forward(
      BatchNormForwardOperands(
        input: same.x.input, residual: same.residual.input, output: same.residual.pointer),
      same.parameters, appliesReLU: true, pool: pool)
    #expect(same.residual.values == layer.y.values)
    for usesReLU in [false, true] {
      var operands = layer.backward(usesReLU ? .recomputed : .none)
      norm.backward(operands, layer.parameters, pool: pool)
      let expected = layer.dx.values
      let gradient = Tensor(layer.dy.values)
      (operands.outputGradient, operands.inputGradient) = (gradient.pointer, gradient.pointer)
      norm.backward(operands, layer.parameters, pool: pool)
      #expect(gradient.values == expected)
    }
  }
}

import Kernels

/// The specification of training batch normalisation: plain loops in float64.
///
/// Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1 and section 3; running
/// averages as PyTorch keeps them.
struct BatchNormReference: Sendable {
  /// Pixels of all images.
  var rows: Int
  /// Floats a row.
  var channels: Int
  /// Weight of the new batch in the running averages.
  var momentum: Float

  /// Fixes the dimensions; one row has no unbiased variance and is refused.
  init(rows: Int, channels: Int, momentum: Float = 0.1) {
    precondition(rows > 1 && channels > 0, "no batch statistics of \(rows) x \(channels)")
    (self.rows, self.channels, self.momentum) = (rows, channels, momentum)
  }

  /// `output = relu?((input - mean) / √(variance + epsilon) · scale + offset + residual)`.
  func forward(
    _ operands: BatchNormForwardOperands, _ parameters: BatchNormParameters, appliesReLU: Bool
  ) {
    for c in 0..<channels {
      let values = (0..<rows).map { Double(operands.input[$0 * channels + c]) }
      let mean = values.reduce(0, +) / Double(rows)
      let squares = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
      let inverse = 1 / (squares / Double(rows) + Double(operands.epsilon)).squareRoot()
      parameters.batchMean[c] = Float(mean)
      parameters.inverseDeviation[c] = Float(inverse)
      move(&parameters.runningMean[c], towards: mean)
      move(&parameters.runningVariance[c], towards: squares / Double(rows - 1))
      for row in 0..<rows {
        let at = row * channels + c
        let normal = (values[row] - mean) * inverse
        var value = normal * Double(parameters.scale[c]) + Double(parameters.offset[c])
        if let residual = operands.residual { value += Double(residual[at]) }
        operands.output[at] = Float(appliesReLU && value < 0 ? 0 : value)
      }
    }
  }

  /// The gradients by input, scale and offset.
  func backward(_ operands: BatchNormBackwardOperands, _ parameters: BatchNormParameters) {
    for c in 0..<channels {
      let mean = Double(parameters.batchMean[c])
      let inverse = Double(parameters.inverseDeviation[c])
      let (scale, offset) = (Double(parameters.scale[c]), Double(parameters.offset[c]))
      let normal = (0..<rows).map { (Double(operands.input[$0 * channels + c]) - mean) * inverse }
      var gradient = (0..<rows).map { Double(operands.outputGradient[$0 * channels + c]) }
      switch operands.rectifier {
      case .none: break
      case .recomputed:
        for row in 0..<rows where !(normal[row] * scale + offset > 0) { gradient[row] = 0 }
      case .byOutput(let output):
        for row in 0..<rows where !(output[row * channels + c] > 0) {
          gradient[row] = 0
          operands.outputGradient[row * channels + c] = 0
        }
      }
      let byOffset = gradient.reduce(0, +)
      let byScale = zip(gradient, normal).reduce(0.0) { $0 + $1.0 * $1.1 }
      for row in 0..<rows {
        let centred = gradient[row] - (byOffset + normal[row] * byScale) / Double(rows)
        operands.inputGradient[row * channels + c] = Float(scale * inverse * centred)
      }
      operands.scaleGradient[c] = Float(byScale)
      operands.offsetGradient[c] = Float(byOffset)
    }
  }

  private func move(_ running: inout Float, towards value: Double) {
    running = Float(Double(running) * (1 - Double(momentum)) + Double(momentum) * value)
  }
}

import Graphs

/// A batch-norm with fixed statistics: `x·s + (β − mean·s)` per channel, `s = γ / √(variance + ε)`.
struct FoldedNorm {
  /// `s`, one a channel.
  let scale: [Double]
  private let shift: [Float]
  private let mean: [Float]

  /// Takes a batch-norm's parameters out of a layer's; nil for a layer without one.
  init?(_ tensors: [Parameter.Role: [Float]], epsilon: Double) {
    guard let gamma = tensors[.normScale], let beta = tensors[.normShift],
      let mean = tensors[.runningMean], let variance = tensors[.runningVariance]
    else { return nil }
    scale = zip(gamma, variance).map {
      Double($0) / (Double($1) + epsilon).squareRoot()
    }
    (shift, self.mean) = (beta, mean)
  }

  /// What a convolution's bias, or 0, becomes.
  func bias(_ added: Float, _ channel: Int) -> Float {
    let centred = Double(added) - Double(mean[channel])
    return Float(Double(shift[channel]) + centred * scale[channel])
  }

  /// Multiplies filters, the output channel outermost.
  func multiply(_ filters: UnsafeMutableBufferPointer<Float>) {
    let size = filters.count / scale.count
    for k in scale.indices {
      for i in k * size..<(k + 1) * size { filters[i] = Float(Double(filters[i]) * scale[k]) }
    }
  }
}

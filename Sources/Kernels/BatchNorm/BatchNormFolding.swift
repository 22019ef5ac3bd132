/// A batch normalisation with fixed statistics, as inference uses it; each `channels` floats.
public struct FrozenBatchNorm {
  /// Factor of each channel; gamma.
  public var scale: UnsafePointer<Float>
  /// Offset of each channel; beta.
  public var offset: UnsafePointer<Float>
  /// Running mean of each channel.
  public var mean: UnsafePointer<Float>
  /// Running variance of each channel.
  public var variance: UnsafePointer<Float>
  /// Added to the variance before its root is taken.
  public var epsilon: Float

  /// Names the parameters of one layer.
  public init(
    scale: UnsafePointer<Float>, offset: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    variance: UnsafePointer<Float>, epsilon: Float = 1e-5
  ) {
    (self.scale, self.offset) = (scale, offset)
    (self.mean, self.variance, self.epsilon) = (mean, variance, epsilon)
  }

  /// Multiplies the normalisation into the convolution before it.
  ///
  /// With `f = scale / √(variance + epsilon)` the filters become `f · filters` and the bias
  /// `offset + f · (bias - mean)`; computed in float64, rounded once.
  ///
  /// - Parameters:
  ///   - channels: Filters of the convolution.
  ///   - taps: Floats of one filter, `R · S · C`.
  ///   - filters: `channels × taps`; updated.
  ///   - bias: `channels` floats; updated. Zeros where the convolution has no bias.
  public func fold(
    channels: Int, taps: Int, filters: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>
  ) {
    for k in 0..<channels {
      let factor = Double(scale[k]) / (Double(variance[k]) + Double(epsilon)).squareRoot()
      for i in (k * taps)..<((k + 1) * taps) { filters[i] = Float(Double(filters[i]) * factor) }
      bias[k] = Float(Double(offset[k]) + factor * (Double(bias[k]) - Double(mean[k])))
    }
  }
}

import Tensors

/// What a training batch normalisation learns and keeps; each `channels` floats.
public struct BatchNormParameters {
  /// Factor of each channel; gamma.
  public var scale: UnsafePointer<Float>
  /// Offset of each channel; beta.
  public var offset: UnsafePointer<Float>
  /// The batch's mean, written by forward and read by backward.
  public var batchMean: UnsafeMutablePointer<Float>
  /// `1 / √(variance + epsilon)` of the batch, written by forward and read by backward.
  public var inverseDeviation: UnsafeMutablePointer<Float>
  /// Running mean, moved by forward.
  public var runningMean: UnsafeMutablePointer<Float>
  /// Running variance, moved by forward with the unbiased variance of the batch.
  public var runningVariance: UnsafeMutablePointer<Float>

  /// Names the memory of one layer.
  public init(
    scale: UnsafePointer<Float>, offset: UnsafePointer<Float>,
    batchMean: UnsafeMutablePointer<Float>, inverseDeviation: UnsafeMutablePointer<Float>,
    runningMean: UnsafeMutablePointer<Float>, runningVariance: UnsafeMutablePointer<Float>
  ) {
    (self.scale, self.offset) = (scale, offset)
    (self.batchMean, self.inverseDeviation) = (batchMean, inverseDeviation)
    (self.runningMean, self.runningVariance) = (runningMean, runningVariance)
  }
}

/// The activations of one forward pass; each `rows × channels`.
public struct NormForwardOperands<Element> {
  /// What is normalised; backward reads it again.
  public var input: UnsafePointer<Element>
  /// Added after the normalisation, or nil for none.
  public var residual: UnsafePointer<Element>?
  /// Overwritten; may be the residual, and may be the input where no backward follows.
  public var output: UnsafeMutablePointer<Element>
  /// ε, added to the variance before its root is taken.
  public var epsilon: Float

  /// Names the memory of one call, and ε.
  @inlinable
  public init(
    input: UnsafePointer<Element>, residual: UnsafePointer<Element>? = nil,
    output: UnsafeMutablePointer<Element>, epsilon: Float = 1e-5
  ) {
    (self.input, self.residual, self.output) = (input, residual, output)
    self.epsilon = epsilon
  }
}

/// The gradients of one backward pass.
public struct NormBackwardOperands<Element> {
  /// How the gradient passes the ReLU that followed, if one did.
  public enum Rectifier {
    /// No ReLU followed.
    case none
    /// ReLU followed at once: which outputs were above 0 is computed again from the input, which
    /// costs nothing, because the input is read anyway.
    case recomputed
    /// A residual was added before ReLU: its output tells. The rectified gradient is left in
    /// `outputGradient`, where it is the residual's gradient.
    case byOutput(UnsafePointer<Element>)
  }

  /// The input of forward, `rows × channels`.
  public var input: UnsafePointer<Element>
  /// The loss's derivative by what forward gave, `rows × channels`; rectified in place with
  /// `Rectifier.byOutput`, unchanged otherwise.
  public var outputGradient: UnsafeMutablePointer<Element>
  /// How the gradient passes the ReLU that followed.
  public var rectifier: Rectifier
  /// `rows × channels`, overwritten; may be `outputGradient`, where that is not needed any more.
  public var inputGradient: UnsafeMutablePointer<Element>
  /// `channels` floats, overwritten: the gradient by the scale.
  public var scaleGradient: UnsafeMutablePointer<Float>
  /// `channels` floats, overwritten: the gradient by the offset.
  public var offsetGradient: UnsafeMutablePointer<Float>

  /// Names the memory of one call.
  @inlinable
  public init(
    input: UnsafePointer<Element>, outputGradient: UnsafeMutablePointer<Element>,
    rectifier: Rectifier, inputGradient: UnsafeMutablePointer<Element>,
    scaleGradient: UnsafeMutablePointer<Float>, offsetGradient: UnsafeMutablePointer<Float>
  ) {
    (self.input, self.outputGradient) = (input, outputGradient)
    (self.rectifier, self.inputGradient) = (rectifier, inputGradient)
    (self.scaleGradient, self.offsetGradient) = (scaleGradient, offsetGradient)
  }
}

/// Those of float32.
public typealias BatchNormForwardOperands = NormForwardOperands<Float>
/// Those of float32.
public typealias BatchNormBackwardOperands = NormBackwardOperands<Float>
/// Those of bfloat16: arithmetic is float32, and results are rounded once.
public typealias BFloat16NormForwardOperands = NormForwardOperands<BFloat16>
/// Those of bfloat16.
public typealias BFloat16NormBackwardOperands = NormBackwardOperands<BFloat16>

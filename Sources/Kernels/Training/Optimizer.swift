import Glibc

/// What a training step does with gradients: SGD, Adam, AdamW or LAMB, with or without clipping.
///
/// * `sgd` as `SGD` has it, but that each product is rounded before it is added, where `SGD` fuses both:
///   neither gives the other's bits, so that images keep to the one and sequences to the other.
/// * `adam`: Kingma, Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1; the decay is
///   added to the gradient.
/// * `adamw`: Loshchilov, Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2; weights
///   are first made smaller by `rate · decay`, as PyTorch does it.
/// * `lamb`: You et al., "Large Batch Optimization for Deep Learning" (2020), algorithm 2, with the
///   identity as φ: each tensor's step `m̂ / (√v̂ + ε) + decay · w` is as long as its weights are.
///
/// Clipping multiplies all gradients by `clip / ‖g‖` where their common norm is above `clip`.
public struct Optimizer: Hashable, Sendable {
  /// Which update it is.
  public enum Kind: String, CaseIterable, Sendable {
    /// Momentum alone.
    case sgd
    /// Both moments; decay in the gradient.
    case adam
    /// Both moments; decay apart.
    case adamw
    /// Both moments; steps as long as weights.
    case lamb

    /// Whether it keeps the mean of squares.
    public var hasSecondMoment: Bool { self != .sgd }
  }

  /// Which update it is.
  public var kind: Kind
  /// Step size.
  public var learningRate: Double
  /// Share of the last step's direction that is kept; `β₁` but for SGD.
  public var momentum: Double
  /// Share of the mean of squares that is kept, `β₂`; unused by SGD.
  public var secondMomentum: Double
  /// Added to the root of the mean of squares, `ε`; unused by SGD.
  public var epsilon: Double
  /// Share of the weights that is taken off, or added to their gradient.
  public var weightDecay: Double
  /// The largest norm of all gradients together; nil for any.
  public var clip: Double?

  /// Names all numbers; PyTorch's usual ones unless told.
  public init(
    _ kind: Kind, learningRate: Double, momentum: Double = 0.9, secondMomentum: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, clip: Double? = nil
  ) {
    (self.kind, self.learningRate, self.momentum) = (kind, learningRate, momentum)
    (self.secondMomentum, self.epsilon) = (secondMomentum, epsilon)
    (self.weightDecay, self.clip) = (weightDecay, clip)
  }

  /// How many numbers a step is told.
  public static let numberCount = 10

  /// Writes the numbers of a step, as `OptimizerPass` reads them; allocates nothing.
  ///
  /// Each is computed in float64 and rounded once: `1 − 0.999` of float32 numbers is off by 1e-5 of
  /// itself.
  ///
  /// - Parameters:
  ///   - step: From 1 on.
  ///   - numbers: `numberCount` floats.
  public func write(step: Int, into numbers: UnsafeMutablePointer<Float>) {
    numbers[0] = Float(learningRate)
    numbers[1] = Float(momentum)
    numbers[2] = Float(1 - momentum)
    numbers[3] = Float(secondMomentum)
    numbers[4] = Float(1 - secondMomentum)
    numbers[5] = Float(epsilon)
    numbers[6] = Float(weightDecay)
    numbers[7] = Float(1 / (1 - pow(momentum, Double(step))))
    numbers[8] = Float(1 / (1 - pow(secondMomentum, Double(step))).squareRoot())
    numbers[9] = Float(clip ?? 0)
  }
}

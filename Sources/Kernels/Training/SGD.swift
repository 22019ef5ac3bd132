/// Stochastic gradient descent with momentum and weight decay, as PyTorch defines it.
///
/// For each weight: `g = gradient + weightDecay · w`, `m = momentum · m + g`,
/// `w = w - learningRate · m`. There is no dampening. A momentum buffer of zeros makes the first
/// step's `m` equal `g`, as PyTorch's first step does.
public struct SGD: Hashable, Sendable {
  /// Step size.
  public var learningRate: Float
  /// Share of the last step's direction that is kept; 0 for none.
  public var momentum: Float
  /// Factor of the weights that is added to their gradient.
  public var weightDecay: Float

  /// Names the three numbers of the optimizer.
  public init(learningRate: Float, momentum: Float = 0, weightDecay: Float = 0) {
    (self.learningRate, self.momentum, self.weightDecay) = (learningRate, momentum, weightDecay)
  }

  /// Updates weights and momentum in one pass: reads three floats a weight, writes two.
  ///
  /// - Parameters:
  ///   - count: Number of weights; all of a network's may be updated by one call.
  ///   - weights: Updated.
  ///   - gradient: The loss's derivative by the weights.
  ///   - direction: The momentum buffer, zeros before the first step; updated.
  ///   - pool: Runs the work.
  public func update(
    count: Int, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    direction: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let rate = Vector(repeating: -learningRate)
    let (momentum, decay) = (Vector(repeating: momentum), Vector(repeating: weightDecay))
    pool.forEachShare(of: count, grain: 1024) { items in
      var i = items.lowerBound
      while i + VectorUnit.lanes <= items.upperBound {
        let weight = Vector.load(weights + i)
        let decayed = Vector.load(gradient + i).addingProduct(decay, weight)
        let step = decayed.addingProduct(momentum, Vector.load(direction + i))
        step.store(direction + i)
        weight.addingProduct(rate, step).store(weights + i)
        i += VectorUnit.lanes
      }
      while i < items.upperBound {
        let decayed = gradient[i].addingProduct(weightDecay, weights[i])
        let step = decayed.addingProduct(self.momentum, direction[i])
        direction[i] = step
        weights[i].addProduct(-learningRate, step)
        i += 1
      }
    }
  }
}

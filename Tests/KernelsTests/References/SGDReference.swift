import Kernels

extension SGD {
  /// One update by plain loops in float64, each result rounded once: the specification.
  func updateReference(
    count: Int, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    direction: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      let decayed = Double(gradient[i]) + Double(weightDecay) * Double(weights[i])
      let step = Double(momentum) * Double(direction[i]) + decayed
      direction[i] = Float(step)
      weights[i] = Float(Double(weights[i]) - Double(learningRate) * step)
    }
  }
}

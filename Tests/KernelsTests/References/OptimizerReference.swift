import Kernels

extension Optimizer {
  /// A tensor and what an optimizer keeps of it.
  struct Tensor {
    var weights: [Double]
    var moments: [Double]
    var squares: [Double]
    var decays = true

    init(_ weights: [Float], decays: Bool = true) {
      self.weights = weights.map(Double.init)
      moments = weights.map { _ in 0 }
      squares = moments
      self.decays = decays
    }
  }

  /// One step by plain loops in float64: the specification.
  ///
  /// - Parameters:
  ///   - step: From 1 on.
  ///   - tensors: Updated.
  ///   - gradients: One a tensor.
  func updateReference(step: Int, _ tensors: inout [Tensor], gradients: [[Float]]) {
    var factor = 1.0
    if let clip {
      let squares = gradients.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
      factor = min(1, clip / (squares.squareRoot() + 1e-6))
    }
    func power(_ base: Double) -> Double { (0..<step).reduce(1) { product, _ in product * base } }
    let (first, second) = (1 - power(momentum), 1 - power(secondMomentum))
    for index in tensors.indices {
      var tensor = tensors[index]
      let decay = tensor.decays ? weightDecay : 0
      var steps: [Double] = []
      for (i, given) in gradients[index].enumerated() {
        let weight = tensor.weights[i]
        var gradient = factor * Double(given)
        if kind == .sgd || kind == .adam { gradient += decay * weight }
        if kind == .sgd {
          tensor.moments[i] = momentum * tensor.moments[i] + gradient
          steps.append(tensor.moments[i])
          continue
        }
        tensor.moments[i] = momentum * tensor.moments[i] + (1 - momentum) * gradient
        tensor.squares[i] =
          secondMomentum * tensor.squares[i] + (1 - secondMomentum) * gradient * gradient
        let mean = tensor.moments[i] / first
        let root = (tensor.squares[i] / second).squareRoot()
        steps.append(mean / (root + epsilon) + (kind == .adam ? 0 : decay * weight))
      }
      var rate = learningRate
      if kind == .lamb {
        let (own, all) = (
          tensor.weights.reduce(0) { $0 + $1 * $1 }, steps.reduce(0) { $0 + $1 * $1 }
        )
        if own > 0, all > 0 { rate *= (own / all).squareRoot() }
      }
      for i in steps.indices { tensor.weights[i] -= rate * steps[i] }
      tensors[index] = tensor
    }
  }
}

/// One step of an optimizer over some elements, in the calling thread.
struct OptimizerStep: Sendable {
  private let kind: Optimizer.Kind
  private let rate, momentum, newShare, secondMomentum, newSquares, epsilon, decay: Float
  /// What makes unbiased means of the moments: `1 / (1 − β₁ᵗ)` and `1 / √(1 − β₂ᵗ)`.
  private let first, second: Float
  /// What gradients are multiplied by first.
  var factor: Float = 1

  /// Reads what `Optimizer` writes.
  init(_ kind: Optimizer.Kind, _ numbers: UnsafePointer<Float>) {
    self.kind = kind
    (rate, momentum, newShare) = (numbers[0], numbers[1], numbers[2])
    (secondMomentum, newSquares, epsilon) = (numbers[3], numbers[4], numbers[5])
    (decay, first, second) = (numbers[6], numbers[7], numbers[8])
  }

  /// Updates elements by all but LAMB.
  func update(_ items: Range<Int>, _ memory: OptimizerPass.Memory, decays: Bool) {
    let (weights, gradients, moments) = (memory.weights, memory.gradients, memory.moments)
    let (factor, momentum, rate) = (self.factor, self.momentum, self.rate)
    let decay = decays ? self.decay : 0
    guard kind != .sgd, let squares = memory.squares else {
      for i in items {
        let direction = momentum * moments[i] + (factor * gradients[i] + decay * weights[i])
        moments[i] = direction
        weights[i] -= rate * direction
      }
      return
    }
    let added: Float = kind == .adam ? decay : 0
    let kept: Float = kind == .adam ? 1 : 1 - rate * decay
    let (newShare, newSquares) = (self.newShare, self.newSquares)
    let secondMomentum = self.secondMomentum
    let (size, second, epsilon) = (rate * first, self.second, self.epsilon)
    for i in items {
      let gradient = factor * gradients[i] + added * weights[i]
      let moment = momentum * moments[i] + newShare * gradient
      let square = secondMomentum * squares[i] + newSquares * (gradient * gradient)
      moments[i] = moment
      squares[i] = square
      weights[i] = kept * weights[i] - size * (moment / (square.squareRoot() * second + epsilon))
    }
  }

  /// The moments of LAMB.
  ///
  /// - Returns: The sum of the squares of the steps.
  func moments(_ items: Range<Int>, _ memory: OptimizerPass.Memory, decays: Bool) -> Double {
    guard let squares = memory.squares else { return 0 }
    let (weights, gradients, moments) = (memory.weights, memory.gradients, memory.moments)
    var sum = 0.0
    var part: Float = 0
    for (place, i) in items.enumerated() {
      let gradient = factor * gradients[i]
      moments[i] = momentum * moments[i] + newShare * gradient
      squares[i] = secondMomentum * squares[i] + newSquares * (gradient * gradient)
      let step = direction(weights[i], moments[i], squares[i], decays)
      part += step * step
      if place % 256 == 255 {
        sum += Double(part)
        part = 0
      }
    }
    return sum + Double(part)
  }

  /// Takes the steps of LAMB.
  func apply(_ items: Range<Int>, _ memory: OptimizerPass.Memory, decays: Bool, ratio: Float) {
    guard let squares = memory.squares else { return }
    let size = rate * ratio
    for i in items {
      let step = direction(memory.weights[i], memory.moments[i], squares[i], decays)
      memory.weights[i] -= size * step
    }
  }

  @inline(__always)
  private func direction(
    _ weight: Float, _ moment: Float, _ square: Float, _ decays: Bool
  ) -> Float {
    let mean = moment * first
    return mean / (square.squareRoot() * second + epsilon) + (decays ? decay : 0) * weight
  }

  /// The sum of squares of some elements.
  static func squares(_ values: UnsafePointer<Float>, _ items: Range<Int>) -> Double {
    let lanes = VectorUnit.lanes
    var sum = 0.0
    items.forEachBlock(of: 4096) { block in
      let whole = block.lowerBound + block.count / lanes * lanes
      var sums = Vector.zero
      for i in stride(from: block.lowerBound, to: whole, by: lanes) {
        let x = Vector.load(values + i)
        sums.addProduct(x, x)
      }
      var rest = sums.sum()
      for i in whole..<block.upperBound { rest += values[i] * values[i] }
      sum += Double(rest)
    }
    return sum
  }
}

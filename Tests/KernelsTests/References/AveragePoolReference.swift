import Kernels

/// The specification of average pooling, the border counting as zeros, with float64 sums.
enum AveragePoolReference {
  /// `output[n, p, q, c]` is the sum over the window by its whole area.
  static func forward(
    _ shape: PoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    forEachWindow(shape) { place, inputs in
      let sum = inputs.reduce(0.0) { $0 + Double(input[$1]) }
      output[place] = Float(sum / Double(shape.window * shape.window))
    }
  }

  /// Each input receives its share of the gradient of every window it is in.
  static func backward(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    var sums = [Double](repeating: 0, count: shape.inputCount)
    forEachWindow(shape) { place, inputs in
      let share = Double(outputGradient[place]) / Double(shape.window * shape.window)
      for input in inputs { sums[input] += share }
    }
    for (index, sum) in sums.enumerated() { inputGradient[index] = Float(sum) }
  }

  /// Calls `body` with each output's place and the inputs inside the image that it averages.
  private static func forEachWindow(_ shape: PoolShape, _ body: (Int, [Int]) -> Void) {
    for place in 0..<shape.outputCount {
      let (c, pixel) = (place % shape.C, place / shape.C)
      let (q, p, n) = (pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P)
      var inputs: [Int] = []
      for r in 0..<shape.window {
        for s in 0..<shape.window {
          let (h, w) = (p * shape.stride + r - shape.padding, q * shape.stride + s - shape.padding)
          guard (0..<shape.H).contains(h), (0..<shape.W).contains(w) else { continue }
          inputs.append(((n * shape.H + h) * shape.W + w) * shape.C + c)
        }
      }
      body(place, inputs)
    }
  }
}

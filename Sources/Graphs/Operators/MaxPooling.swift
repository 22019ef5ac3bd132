import Basics
import Kernels
import Tensors

/// The largest value of each square window; in training also where in the window it was.
package struct MaxPooling: WindowOperator {
  /// Side of a window.
  package var window: Int
  /// Distance between windows.
  package var stride: Int
  /// Border on each side, which is never the largest.
  package var padding: Int
  /// Whether the second output tells where each window's largest value was.
  package var givesPositions = false

  /// Names the windows.
  package init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard window <= MaxPool.largestWindow else {
      throw Problem(.malformed, "positions in a window of \(window) do not fit a byte")
    }
    let output = try output(inputs)
    return [output] + (givesPositions ? [TensorType(.u8, output.dimensions)] : [])
  }

  package func trainingForm(seed: UInt64) -> any Operator {
    var form = self
    form.givesPositions = true
    return form
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    guard givesPositions else {
      throw Problem(.malformed, "\(node.name) has forgotten its positions")
    }
    return [
      try tape.append(
        node.name, MaxPoolingGradient(pool: self, image: tape.type(node.inputs[0])),
        [output, node.outputs[1]])[0]
    ]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let image = inputs[0]
    guard
      let shape = shape(image.shape.dimensions.map { .fixed($0) }, N: image.shape.N)
    else { return [] }
    let target: Shape = [shape.N, shape.P, shape.Q, shape.C]
    var positions = [Double](repeating: 0, count: target.count)
    let output = ReferenceTensor(target) { index in
      let (c, pixel) = (index % shape.C, index / shape.C)
      let (q, p, n) = (pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P)
      var best: Double?
      for position in 0..<window * window {
        let h = p * stride + position / window - padding
        let w = q * stride + position % window - padding
        guard h >= 0, h < shape.H, w >= 0, w < shape.W else { continue }
        let value = image.pixel(n, h, w, c)
        if best.map({ value > $0 }) ?? true { (best, positions[index]) = (value, Double(position)) }
      }
      return best ?? 0
    }
    return [output] + (givesPositions ? [ReferenceTensor(target, positions)] : [])
  }
}

import Basics
import Kernels
import Tensors

/// The mean over `side × side` nearly equal parts of the image (PyTorch's adaptive pooling).
package struct AdaptiveAveragePooling: Operator {
  /// Rows and columns of the output.
  package var side: Int

  package init(side: Int) { self.side = side }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let dimensions = inputs[0].dimensions
    let element = inputs[0].element
    guard dimensions.count == 4, element == .f32 || element == .bf16, side > 0 else {
      throw Problem(.malformed, "\(inputs[0]) has no \(side) x \(side) parts")
    }
    return [TensorType(element, [dimensions[0], .fixed(side), .fixed(side), dimensions[3]])]
  }

  /// The parts of some images.
  package func shape(_ image: Shape) -> AdaptivePoolShape {
    AdaptivePoolShape(N: image.N, C: image.C, H: image.H, W: image.W, P: side, Q: side)
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let gradient = AdaptiveAveragePoolingGradient(
      pool: self, image: tape.type(node.inputs[0]))
    return [try tape.append(node.name, gradient, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (image, windows) = (inputs[0], shape(inputs[0].shape))
    return [
      ReferenceTensor([windows.N, side, side, windows.C]) { index in
        let (c, pixel) = (index % windows.C, index / windows.C)
        let (rows, columns) = (windows.rows(pixel / side % side), windows.columns(pixel % side))
        var sum = 0.0
        for h in rows {
          for w in columns { sum += image.pixel(pixel / side / side, h, w, c) }
        }
        return sum / Double(rows.count * columns.count)
      }
    ]
  }
}

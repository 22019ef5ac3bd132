import Basics
import Kernels
import Tensors

/// Zeros around images: for what a convolution's own padding, the same on opposite sides, is not.
package struct ImagePadding: Operator {
  /// How many, on each side.
  package var border: ImageBorder

  package init(_ border: ImageBorder) { self.border = border }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let dimensions = inputs[0].dimensions
    let sides = [border.top, border.left, border.bottom, border.right]
    guard inputs[0].element == .f32, dimensions.count == 4, let rows = dimensions[1].length,
      let columns = dimensions[2].length, sides.allSatisfy({ (0..<1 << 31).contains($0) })
    else { throw Problem(.malformed, "\(inputs[0]) has no border of \(sides)") }
    return [
      TensorType(
        .f32,
        [
          dimensions[0], .fixed(border.top + rows + border.bottom),
          .fixed(border.left + columns + border.right), dimensions[3],
        ])
    ]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let op = ImageCropping(border: border, image: tape.type(node.inputs[0]))
    return [try tape.append(node.name, op, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let image = inputs[0].shape
    let (rows, columns) = (
      border.top + image.H + border.bottom, border.left + image.W + border.right
    )
    return [
      ReferenceTensor([image.N, rows, columns, image.C]) { index in
        let (c, pixel) = (index % image.C, index / image.C)
        let (h, w) = (pixel / columns % rows - border.top, pixel % columns - border.left)
        guard h >= 0, h < image.H, w >= 0, w < image.W else { return 0 }
        return inputs[0].pixel(pixel / columns / rows, h, w, c)
      }
    ]
  }
}

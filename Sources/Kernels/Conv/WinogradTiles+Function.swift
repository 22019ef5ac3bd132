extension WinogradTiles {
  /// Computes a function of the output of a few tiles, which are still in the cache.
  ///
  /// - Parameters:
  ///   - function: An activation other than ReLU.
  ///   - block: The tiles.
  ///   - operands: The output.
  func apply(_ function: PointwiseFunction, to block: Block, of operands: ConvOperands) {
    let (outputs, pixel) = (variant.outputs, operands.pitch ?? shape.K)
    for tile in block.tiles {
      let (image, p, q) = place(tile, outputs: outputs)
      for row in p..<min(p + outputs, shape.P) {
        let first = operands.output + ((image * shape.P + row) * shape.Q + q) * pixel
        Elementwise.apply(
          function, rows: min(outputs, shape.Q - q), columns: shape.K, input: first,
          output: first, stride: pixel)
      }
    }
  }
}

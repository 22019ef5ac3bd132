extension PanelProduct {
  /// Rows of a panel that tiles write before an activation other than ReLU follows.
  ///
  /// Eight tiles: few enough to be in the first-level cache still, enough to choose the function once
  /// for all of them.
  static let rowsToFinish = 8 * TileLimits.rows

  /// Computes a function of what the last chunk has left in a few rows of one panel.
  ///
  /// - Parameters:
  ///   - function: An activation.
  ///   - rows: Rows of the output.
  ///   - column: The panel's first column.
  ///   - memory: The output.
  func apply(_ function: PointwiseFunction, rows: Range<Int>, column: Int, _ memory: Memory) {
    let first = memory.output + (rows.lowerBound &* memory.stride &+ column)
    Elementwise.apply(
      function, rows: rows.count, columns: min(TileLimits.width, packed.columns &- column),
      input: first, output: first, stride: memory.stride)
  }
}

/// Which algorithm computes which layer: the rule that holds where nothing was timed.
public enum ConvPlan {
  /// Pixels of the output, over all images, from which `F(4x4, 3x3)` pays.
  ///
  /// With fewer its filters, four times the size, are read for too little work. ResNet-50's last
  /// stages have 196 and 49 at batch 1.
  static let pixelsForLargeTiles = 128
  /// Pixels from which `F(4x4, 3x3)` pays where filters change: about where its products take as
  /// much less time as transforming the filters anew takes more.
  static let pixelsForChangingFilters = 640
  /// Pixels from which `F(2x2, 3x3)` pays, whose filters are not twice the size.
  static let pixelsForSmallTiles = 32

  /// The own algorithm that is expected to be fastest.
  ///
  /// - Parameters:
  ///   - shape: The layer, at the batch that it will run with.
  ///   - allowsWinograd: False leaves only algorithms that do direct multiplications.
  ///   - filtersChange: Whether filters are transformed in each step, as in training, and not once.
  /// - Returns: An algorithm that supports the shape.
  public static func native(
    _ shape: ConvShape, allowsWinograd: Bool = true, filtersChange: Bool = false
  ) -> ConvAlgorithm {
    guard shape.isPlain else { return shape.isDepthwise ? .depthwise : .direct }
    guard allowsWinograd, Winograd.supports(shape) else { return .direct }
    let pixels = shape.N * shape.P * shape.Q
    if filtersChange { return pixels >= pixelsForChangingFilters ? .winograd4x3 : .direct }
    if pixels >= pixelsForLargeTiles { return .winograd4x3 }
    return pixels >= pixelsForSmallTiles ? .winograd2x3 : .direct
  }

  /// The own algorithms worth timing for a shape, the rule's choice first.
  ///
  /// - Parameters:
  ///   - shape: The layer, at the batch that it will run with.
  ///   - allowsWinograd: False leaves only algorithms that do direct multiplications.
  /// - Returns: At least one algorithm, each of which supports the shape.
  public static func candidates(
    _ shape: ConvShape, allowsWinograd: Bool = true
  ) -> [ConvAlgorithm] {
    let first = native(shape, allowsWinograd: allowsWinograd)
    let all: [ConvAlgorithm] =
      !shape.isPlain ? [] : allowsWinograd ? [.direct, .winograd2x3, .winograd4x3] : [.direct]
    let others = all.filter { $0 != first && $0.supports(shape) }
    return [first] + others
  }
}

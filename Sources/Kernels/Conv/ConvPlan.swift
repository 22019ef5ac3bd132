/// Which algorithm computes which layer: the rule that holds where nothing was timed.
public enum ConvPlan {
  /// The own algorithm that is expected to be fastest.
  ///
  /// - Parameters:
  ///   - shape: The layer, at the batch that it will run with.
  ///   - allowsWinograd: False leaves only algorithms that do the textbook's multiplications.
  /// - Returns: An algorithm that supports the shape.
  public static func native(_ shape: ConvShape, allowsWinograd: Bool = true) -> ConvAlgorithm {
    .direct
  }

  /// The own algorithms worth timing for a shape, the rule's choice first.
  ///
  /// - Parameters:
  ///   - shape: The layer, at the batch that it will run with.
  ///   - allowsWinograd: False leaves only algorithms that do the textbook's multiplications.
  /// - Returns: At least one algorithm, each of which supports the shape.
  public static func candidates(
    _ shape: ConvShape, allowsWinograd: Bool = true
  ) -> [ConvAlgorithm] {
    let first = native(shape, allowsWinograd: allowsWinograd)
    let others = [ConvAlgorithm.direct].filter { $0 != first && $0.supports(shape) }
    return [first] + others
  }
}

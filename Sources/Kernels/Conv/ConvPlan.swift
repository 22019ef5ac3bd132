/// Which algorithm computes which layer: the rule that holds where nothing was timed.
public enum ConvPlan {
  /// The own algorithm that is expected to be fastest.
  ///
  /// - Parameters:
  ///   - shape: The layer, at the batch that it will run with.
  ///   - allowsWinograd: False leaves only algorithms that do the textbook's multiplications.
  /// - Returns: An algorithm that supports the shape.
  public static func native(_ shape: ConvShape, allowsWinograd: Bool = true) -> ConvAlgorithm {
    guard allowsWinograd, Winograd.supports(shape) else { return .direct }
    // With few pixels the transformed filters, four times the size of the filters, come from
    // memory for too little work; those of the smaller tile are not twice the size.
    let pixels = shape.N * shape.P * shape.Q
    if pixels < 128 { return pixels < 32 ? .direct : .winograd2x3 }
    return .winograd4x3
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
    let all: [ConvAlgorithm] =
      allowsWinograd ? [.direct, .winograd2x3, .winograd4x3] : [.direct]
    let others = all.filter { $0 != first && $0.supports(shape) }
    return [first] + others
  }
}

extension AttentionGradient {
  /// What a call reads and writes.
  public struct Operands {
    /// Where queries, keys and values begin.
    public var (queries, keys, values):
      (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
    /// The loss's derivative by the output, which lies as the output does.
    public var outputGradient: UnsafePointer<Float>
    /// Where the derivatives by queries, keys and values go, each of which lies as these do;
    /// overwritten, apart from all others.
    public var (queryGradient, keyGradient, valueGradient):
      (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// What is added to scores, or hides keys; nil for nothing.
    public var mask: AttentionMask?

    /// Names what there always is.
    public init(
      queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
      outputGradient: UnsafePointer<Float>, queryGradient: UnsafeMutablePointer<Float>,
      keyGradient: UnsafeMutablePointer<Float>, valueGradient: UnsafeMutablePointer<Float>
    ) {
      (self.queries, self.keys, self.values) = (queries, keys, values)
      self.outputGradient = outputGradient
      (self.queryGradient, self.keyGradient) = (queryGradient, keyGradient)
      self.valueGradient = valueGradient
    }
  }
}

extension Attention {
  /// What a call reads and writes.
  public struct Operands {
    /// Where queries, keys and values begin.
    public var (queries, keys, values):
      (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
    /// Where the output begins; overwritten, apart from all others.
    public var output: UnsafeMutablePointer<Float>
    /// What is added to scores, or hides keys; nil for nothing.
    public var mask: AttentionMask?
    /// For each item, how many keys there are, the last of which is that of the last query; nil for
    /// all.
    public var keyCounts: UnsafePointer<Int64>?
    /// `batch × heads × queries × keys`, overwritten with the scores; nil where nobody wants them.
    public var scores: UnsafeMutablePointer<Float>?
    /// At which stage scores are given.
    public var stage = Stage.products

    /// Names what there always is.
    public init(
      queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
      output: UnsafeMutablePointer<Float>
    ) {
      (self.queries, self.keys, self.values, self.output) = (queries, keys, values, output)
    }
  }

  /// What scores have gone through.
  public enum Stage: Int, Hashable, Sendable {
    /// The product, scaled; then bent; then masked; then as shares.
    case products, bent, masked, shares
  }
}

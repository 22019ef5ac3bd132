import Tensors

/// Workspace of the passes of a layer on the register tile, known before anything is packed.
///
/// Counted is all that grows with the batch. A thread's scratch for the tile, at most
/// `scratchBytesPerThread`, comes on top of forward passes and backward-data.
public enum BFloat16Workspace {
  /// Bytes that the tile of one thread takes at most: two tiles, and pointers to the rows of a block.
  public static let scratchBytesPerThread = 1 << 20

  /// Bytes of a forward pass of any shape: frames into which inputs of few or odd channels are copied.
  public static func forward(_ shape: ConvShape) -> Int {
    WordDirect<BFloat16Dot>.frameByteCount(shape)
  }

  /// Bytes of backward-data: the output's gradient of an odd number of filters in whole words, and
  /// the result of one phase of a stride.
  ///
  /// - Parameters:
  ///   - shape: The forward shape.
  ///   - output: The type of the input's gradient: bf16 or f32.
  ///   - accumulates: Whether the result is added to what is there.
  /// - Returns: Their sum.
  package static func backwardData(
    _ shape: ConvShape, output: DType, accumulates: Bool
  ) -> Int {
    let aside = BFloat16DirectBackwardData.aside(
      shape, output: output, accumulates: accumulates)
    return aside.copy + aside.result
  }

  /// Bytes of backward-weights, all of them: the output's gradient cut into panels, and gradients of
  /// threads that are added up.
  ///
  /// - Parameters:
  ///   - shape: The forward shape.
  ///   - threads: Threads of the pool that it will run on.
  /// - Returns: Their sum.
  public static func backwardWeights(_ shape: ConvShape, threads: Int) -> Int {
    BFloat16DirectBackwardWeights(shape, threads: threads).workspaceByteCount
  }
}

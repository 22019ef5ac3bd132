import Tensors

/// Workspace of the passes of a layer on the register tile, known before anything is packed.
///
/// Counted is all that grows with the batch, which for forward passes is nothing. A thread's scratch
/// for the tile, at most `scratchBytesPerThread`, comes on top of backward-data and is all that a
/// forward pass takes.
public enum BFloat16Workspace {
  /// Bytes that the tile of one thread takes at most: two tiles, pointers to the rows of a block, and
  /// these rows where they are lowered; more only for windows above 128 KiB of an odd number of
  /// channels, of which a single tile has more.
  public static let scratchBytesPerThread = 1 << 20

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

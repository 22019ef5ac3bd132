/// When it is expected to be faster than the direct tile, by a count of instructions.
///
/// A step of the 256-bit tile, four rows by two vectors, takes these instructions, of which eight fetch
/// ahead and count:
///
/// | | products | loads | all | for MACs |
/// |---|---|---|---|---|
/// | 16 bits | 8 `vpmaddwd`, 8 `vpaddd` | 2, and 4 broadcasts | 30 | 128 |
/// | pairs | 8 each of `vpmaddubsw`, `vpmaddwd`, `vpaddd` | the same | 38 | 256 |
/// | bytes widened | 16 `vpmaddwd`, 16 `vpaddd` | 4, 4 broadcasts, 8 halves | 56 | 256 |
///
/// Four pixels take 16 · C · K MACs by the first row and 36 · C · K by the others. Their transforms are
/// 16 loads, 32 additions and 16 stores for 16 channels, and about 80 for 8 filters, with the epilogue.
/// They are taken as 5 a channel, with the loop, and 10 a filter; 64 a tile are for the places of its
/// 16 pixels. So it takes 0.75 times as many as pairs with 64 channels and filters, 0.80 times with 32,
/// and with 16 hardly fewer.
extension Int8Winograd {
  #if COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI
    /// Whether the count is that of this build; with VNNI, one instruction is 32 products or 64.
    private static let isOfThisBuild = true
  #else
    /// Whether the count is that of this build; with VNNI, one instruction is 32 products or 64.
    private static let isOfThisBuild = false
  #endif

  /// Tiles below which filters are read for too little work.
  ///
  /// For each channel of a filter 32 bytes are read where others read 9 or 18; the 14 to 23 more take
  /// about a cycle of a core from the third level. A tile saves 1.6 instructions there or more, a third
  /// of a cycle, so that three tiles make up for it; from memory, taken as eight times slower, 24.
  private static let fewestTiles = 24

  /// Whether the layer is one to choose it for, where the weights allow it.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - isOfPairs: Whether the direct tile would multiply pairs of bytes.
  /// - Returns: Whether it takes nine tenths of the direct tile's instructions at most.
  static func isFaster(_ shape: ConvShape, thanPairs isOfPairs: Bool) -> Bool {
    guard isOfThisBuild, supports(shape) else { return false }
    let tiles = Int8WinogradTiles(shape).count
    guard tiles >= fewestTiles, fillsVectors(shape), fitsInMemory(shape) else { return false }
    let weights = Double(shape.C * shape.K)
    let products = 16 * weights * 30 / 128
    let transforms = Double(5 * shape.C + 10 * shape.K + 64)
    let own = Double(tiles) * (products + transforms)
    let pixels = Double(shape.N * shape.P * shape.Q)
    let direct = pixels * 9 * weights * (isOfPairs ? 38 : 56) / 256
    return own <= 0.9 * direct
  }

  /// Whether little of what is multiplied is padding, which the count leaves out.
  ///
  /// Panels are then less than twice as wide as the filters, so that these are packed in less than the
  /// 8 bytes a weight that `MemoryEstimate` counts.
  private static func fillsVectors(_ shape: ConvShape) -> Bool {
    shape.C >= 16 && columns(shape) - shape.K < 8
  }

  /// Whether a block is large enough in the memory that it may take.
  private static func fitsInMemory(_ shape: ConvShape) -> Bool {
    fewestTiles * matrixBytes(ofTile: shape) <= mostMatrixBytes
  }
}

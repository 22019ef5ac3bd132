/// Convolution of bytes by Winograd's minimal filtering `F(2x2, 3x3)`, in whole numbers and exact.
///
/// Tiles of bytes and filters are transformed to 16 bits, multiplied as 16 matrix products with the
/// register tile, and transformed back with the epilogue fused. Filters are those of `2G`, so what
/// comes back is four times the sums, which `Int8WinogradFilters.areExact` keeps within 32 bits. Only
/// the products count as executed operations, 2.25 times fewer than the definition has.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
final class Int8Winograd: CompiledInt8Convolution {
  let shape: ConvShape
  let algorithm = Int8Algorithm.winograd2x3
  let epilogue: Int8Epilogue
  var executedOperations: IntegerOperations {
    MACs(tiles.count * Int8WinogradTiles.positions * shape.C * shape.K).integerOperations
  }

  /// How the threads share the work; see `Winograd.Partition`.
  enum Partition {
    /// Each thread takes its own tiles through all steps, so many at a time.
    case tiles(block: Int)
    /// All threads do each step together, and share out the panels of all positions.
    case panels
  }

  let tiles: Int8WinogradTiles
  /// The products of all positions side by side, as panels of one matrix.
  let product: WordProduct<Int16Dot>
  let partition: Partition
  let threads: Int
  let ending: Int8Ending
  /// `C` zero points.
  let border: AlignedBuffer
  /// What is added to the sums of each filter, in s32.
  let start: AlignedBuffer
  /// What they are multiplied by then.
  let factors: AlignedBuffer

  /// Whether the shape is one that the algorithm is for.
  static func supports(_ shape: ConvShape) -> Bool {
    shape.R == 3 && shape.S == 3 && shape.strides == 1 && shape.dilations == 1
      && shape.groups == 1
  }

  /// Whether it computes a shape with these weights exactly.
  static func supports(_ shape: ConvShape, weights: UnsafePointer<Int8>) -> Bool {
    supports(shape)
      && Int8WinogradFilters.areExact(weights, filters: shape.K, count: 9 * shape.C)
  }

  init(
    _ shape: ConvShape, input: Quantization, filters: Int8Filters, epilogue: Int8Epilogue,
    threads: Int, caches: CacheSizes = .current
  ) {
    let (C, K, columns) = (shape.C, shape.K, Self.columns(shape))
    let multipliers = (0..<K).map { epilogue.factor(input: input, filter: filters.scales[$0]) }
    (self.shape, self.epilogue, self.threads) = (shape, epilogue, threads)
    tiles = Int8WinogradTiles(shape)
    let part = WordPart(
      group: 0, columns: Int8WinogradTiles.positions * columns, taps: 1, channels: C,
      rowBytes: 2 * C)
    product = WordProduct<Int16Dot>(
      Int8WinogradFilters.panels(filters.weights, filters: K, channels: C, columns: columns), part,
      start: { _ in 0 }, ending: StoredSums(), caches: caches)
    partition = Self.choosePartition(tiles, threads: threads, caches: caches)
    ending = Int8Ending(epilogue, largestFactor: multipliers.max() ?? 0)
    border = AlignedBuffer(byteCount: C)
    start = AlignedBuffer(count: columns)
    factors = AlignedBuffer(count: columns)
    border.bytes.initializeMemory(as: UInt8.self, repeating: input.zeroPoint, count: C)
    for k in 0..<K {
      let weights = filters.weights + 9 * k * C
      let sum = (0..<9 * C).reduce(Int32(0)) { $0 &+ Int32(weights[$1]) }
      let first = (filters.bias?[k] ?? 0) &- Int32(input.zeroPoint) &* sum
      start.bytes.storeBytes(of: first, toByteOffset: 4 * k, as: Int32.self)
      factors.pointer[k] = multipliers[k]
    }
  }

  /// Filters in whole panels: those of a position.
  static func columns(_ shape: ConvShape) -> Int {
    (shape.K + WordTileLimits.width - 1) / WordTileLimits.width * WordTileLimits.width
  }

  /// Bytes of matrices that a thread may take, which with its scratch is within the 16 MiB that
  /// `MemoryEstimate` counts.
  static let mostMatrixBytes = 15 << 20

  /// Bytes of a tile in all matrices.
  static func matrixBytes(ofTile shape: ConvShape) -> Int {
    Int8WinogradTiles.positions * (inputRowBytes(shape) + outputRowBytes(shape))
  }

  /// Chooses who does what, from the sizes of what is read again, as `Winograd` does; memory is
  /// limited.
  private static func choosePartition(
    _ tiles: Int8WinogradTiles, threads: Int, caches: CacheSizes
  ) -> Partition {
    let (C, K) = (tiles.shape.C, tiles.shape.K)
    let tileBytes = matrixBytes(ofTile: tiles.shape)
    let most = mostMatrixBytes / tileBytes
    if tiles.count <= most, TileBlock.areFew(tiles.count, of: tiles.shape) { return .panels }
    return .tiles(
      block: TileBlock.size(
        tiles: tiles.count, tileBytes: tileBytes,
        filterBytes: Int8WinogradTiles.positions * 2 * C * K, threads: threads, caches: caches,
        most: most))
  }

  /// Tiles whose transforms are in memory at once, for each region of the workspace.
  private var block: Int {
    switch partition {
    case .tiles(let block): block
    case .panels: tiles.count
    }
  }

  /// Bytes of a row of the transformed input: whole vectors.
  private static func inputRowBytes(_ shape: ConvShape) -> Int {
    let lanes = Int16Vector.scalarCount
    return (shape.C + lanes - 1) / lanes * lanes * 2
  }
  /// Bytes of a row of the products.
  private static func outputRowBytes(_ shape: ConvShape) -> Int { 4 * columns(shape) }

  /// Bytes of a row of the transformed input.
  var inputRowBytes: Int { Self.inputRowBytes(shape) }
  /// Bytes of a row of the products.
  var outputRowBytes: Int { Self.outputRowBytes(shape) }
  /// Bytes from a matrix of the transformed input to the next: whole lines, and one more, so that the
  /// positions of a tile do not fall into one set of the first-level cache.
  var inputPitchBytes: Int { (block * inputRowBytes + 63) / 64 * 64 + 64 }
  /// Bytes from a matrix of the products to the next.
  var outputPitchBytes: Int { (block * outputRowBytes + 63) / 64 * 64 + 64 }
  /// Bytes of all matrices of a region.
  var matricesByteCount: Int {
    Int8WinogradTiles.positions * (inputPitchBytes + outputPitchBytes)
  }
  /// Bytes of scratch of a thread.
  var scratchByteCount: Int {
    Int8WinogradTiles.scratchByteCount + product.scratchByteCount
  }

  var workspaceByteCount: Int {
    switch partition {
    case .tiles: threads * (matricesByteCount + scratchByteCount)
    case .panels: matricesByteCount + threads * scratchByteCount
    }
  }

  var filterMemory: UnsafeRawBufferPointer? { product.panels.memory }
}

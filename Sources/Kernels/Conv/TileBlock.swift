/// How Winograd's algorithms share tiles among threads, from the sizes of what is read again.
enum TileBlock {
  /// Whether tiles are so few that threads take parts of the filters, and all tiles, each.
  ///
  /// - Parameters:
  ///   - tiles: Of all images.
  ///   - shape: The convolution.
  /// - Returns: True where the filters are more than what all tiles become.
  static func areFew(_ tiles: Int, of shape: ConvShape) -> Bool {
    tiles * (shape.C + shape.K) < shape.C * shape.K
  }

  /// Tiles that a thread transforms before it multiplies them.
  ///
  /// - Parameters:
  ///   - tiles: Of all images.
  ///   - tileBytes: What one becomes: its transforms and its products.
  ///   - filterBytes: All transformed filters.
  ///   - threads: That share the tiles.
  ///   - caches: Of the machine.
  ///   - most: No more than that; at least 1.
  /// - Returns: 1 or more; the blocks of a thread are nearly equal.
  static func size(
    tiles: Int, tileBytes: Int, filterBytes: Int, threads: Int, caches: CacheSizes,
    most: Int = .max
  ) -> Int {
    // Half the second level holds what tiles become; but where the filters do not fit beside
    // it, they are read once a block, and blocks must be large enough to be worth that.
    let fitting = caches.l2 / 2 / tileBytes
    let worthwhile = filterBytes <= caches.l2 / 2 ? 0 : 48
    let share = (tiles + threads - 1) / threads
    let block = max(1, min(share, max(fitting, worthwhile), most))
    let blocks = (share + block - 1) / block
    return (share + blocks - 1) / blocks
  }
}

extension PanelProduct {
  // While the tiles of one panel are computed, the next panel is fetched from wherever it is: with
  // few rows its first use would otherwise wait for memory at every step. The first panel of a
  // block also fetches the rows of the next tile, and all of them what the caller reads later.

  /// The depth from which a tile takes so much longer than its residual that it is worth asking
  /// for that first; a shallower tile ends within what the core has in flight anyway.
  static let leastDepthToFetchResidual = 128

  /// Bytes of the next panel to fetch in each step of the depth, with so many rows in a block.
  ///
  /// Up to three tiles it is more than a line, and what would be fetched for the caller goes to
  /// the next panel's second line; a single tile leaves half of the panel to the hardware.
  static func panelPace(rows: Int) -> Int {
    let tiles = TileLimits.tiles(rows)
    return TileLimits.width &* MemoryLayout<Float>.stride / tiles
  }

  /// What the caller reads later, spread over all tiles.
  func fetch(_ memory: UnsafeRawBufferPointer?, rows: Int, panels: Int) -> Fetch {
    let tiles = TileLimits.tiles(rows)
    let steps = Self.panelPace(rows: rows) <= Fetch.line ? tiles &* panels &* packed.depth : 0
    return memory.flatMap { Fetch.spread($0, over: steps) } ?? .nothing(at: packed.base)
  }
}

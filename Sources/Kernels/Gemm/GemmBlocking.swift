/// How a product is cut so that what is used again is still in a cache.
///
/// The loops, from the outside in, and what each keeps where:
///
/// | loop over | step | kept | where |
/// |---|---|---|---|
/// | panels of B | `panels` | `depth × panels` of B | half of L2 |
/// | depth | `depth` | | |
/// | rows of A | `rows` | `rows × depth` of A | a quarter of L2 |
/// | one panel | 1 | `depth × width` of B, an eighth of L2 | streamed from L2 |
/// | one tile | 6 rows | the tile's sums | registers |
///
/// Where all rows are one tile's, panels are worked through one by one.
struct GemmBlocking: Hashable, Sendable {
  /// Depth of a chunk, about.
  var depth: Int
  /// Panels of B that are worked through for one block of rows.
  var panels: Int
  /// Rows of A that one panel is held for; a multiple of the tile's height.
  var rows: Int

  /// Chooses sizes for one product on one thread.
  init(depth: Int, columns: Int, caches: CacheSizes) {
    let float = MemoryLayout<Float>.stride
    let width = TileLimits.width
    self.depth = max(32, min(depth, caches.l2 / 8 / (width * float)))
    panels = max(1, caches.l2 / 2 / (self.depth * width * float))
    rows = max(1, caches.l2 / 4 / (self.depth * float) / TileLimits.rows) * TileLimits.rows
  }
}

/// How the threads of a pool share out the rows and panels of one product.
package struct WorkGrid: Hashable, Sendable {
  /// Shares that the rows are cut into.
  package var rowShares: Int
  /// Shares that the panels are cut into; `rowShares · panelShares` threads work.
  package var panelShares: Int

  /// Chooses the grid whose busiest thread has the least to do, counting what it reads.
  ///
  /// Rows that are shared out leave every thread to read all of B, panels all of A; so with few
  /// rows and many filters, as in the last stage at batch 1, panels are shared out.
  ///
  /// - Parameters:
  ///   - rows: Rows of A.
  ///   - panels: Panels of B.
  ///   - depth: Depth of the product.
  ///   - threads: Threads of the pool.
  package init(rows: Int, panels: Int, depth: Int, threads: Int) {
    (rowShares, panelShares) = (threads, 1)
    var best = Int.max
    for candidate in 1...threads where threads % candidate == 0 {
      let (ways, others) = (candidate, threads / candidate)
      let tiles = TileLimits.tiles(rows)
      let tileShare = (tiles + ways - 1) / ways
      let panelShare = (panels + others - 1) / others
      // In cycles, about: a step of a full tile takes as many as half its multiply-adds; a line
      // of 16 floats from the third level takes two, and eight if another core wrote it.
      let work = tileShare * panelShare * depth * TileLimits.rows * TileLimits.columns / 2
      let ofOthers = 6 * (others - 1) / others
      let reading =
        (tileShare * TileLimits.rows * (2 + ofOthers) + panelShare * TileLimits.width * 2)
        * depth / 16
      if work + reading < best {
        best = work + reading
        (rowShares, panelShares) = (ways, others)
      }
    }
  }

  /// The rows and panels of one worker.
  ///
  /// - Parameters:
  ///   - worker: Below `rowShares · panelShares`.
  ///   - rows: Rows of A.
  ///   - panels: Panels of B.
  /// - Returns: Ranges; those of all workers together cover each row of each panel once.
  package func share(
    of worker: Int, rows: Int, panels: Int
  ) -> (rows: Range<Int>, panels: Range<Int>) {
    (
      ThreadPool.share(
        of: rows, worker: worker % rowShares, workers: rowShares, grain: TileLimits.rows),
      ThreadPool.share(of: panels, worker: worker / rowShares, workers: panelShares)
    )
  }
}

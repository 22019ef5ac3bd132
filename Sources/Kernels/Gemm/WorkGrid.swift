/// How the threads of a pool share out the rows and panels of one product.
package struct WorkGrid: Hashable, Sendable {
  /// Shares that the rows are cut into.
  package var rowShares: Int
  /// Shares that the panels are cut into; `rowShares · panelShares` threads work.
  package var panelShares: Int

  /// Chooses the grid whose busiest thread takes the least time, by a rough model of the caches.
  ///
  /// Where rows are shared out, every thread reads all of B; that streams from the third level, and
  /// most of it is hidden behind the products. Where panels are shared out, every thread reads all of
  /// A, and the part that others wrote comes from their caches; so does the output for who reads it
  /// row by row. So rows are shared out, unless there are few of them and many filters, as in the
  /// last stage of a ResNet at batch 1.
  ///
  /// - Parameters:
  ///   - rows: Rows of A.
  ///   - panels: Panels of B.
  ///   - depth: Depth of the product.
  ///   - taps: How often an element of A occurs in it: the positions of a window.
  ///   - threads: Threads of the pool.
  package init(rows: Int, panels: Int, depth: Int, taps: Int = 1, threads: Int) {
    (rowShares, panelShares) = (threads, 1)
    var best = Int.max
    for candidate in 1...threads where threads % candidate == 0 {
      let (ways, others) = (candidate, threads / candidate)
      let rowShare = (rows + ways - 1) / ways
      let panelShare = (panels + others - 1) / others
      // In cycles: a step takes half as many as its multiply-adds; of a line of B from the third
      // level three are not hidden; a line from another core takes 16, or half of that when it is
      // the output's.
      let work = rowShare * panelShare * depth * TileLimits.columns / 2
      let streamed = panelShare * TileLimits.width * depth * 3 / 16
      let read = rowShare * depth / taps * (others - 1) / others
      let written = rowShare * panels * TileLimits.width * (others - 1) / others / 2
      let cycles = work + streamed + read + written
      if cycles < best {
        best = cycles
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
        of: rows, worker: worker % rowShares, workers: rowShares),
      ThreadPool.share(of: panels, worker: worker / rowShares, workers: panelShares)
    )
  }
}

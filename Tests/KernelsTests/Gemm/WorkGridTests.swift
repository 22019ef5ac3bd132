import Kernels
import Testing

/// How a product is shared out among threads.
@Suite struct WorkGridTests {
  @Test(arguments: [1, 2, 3, 4, 6, 8], [(1, 1), (7, 3), (49, 64), (196, 32), (12_544, 4), (0, 2)])
  func givesEachRowOfEachPanelToOneThread(threads: Int, size: (rows: Int, panels: Int)) {
    let grid = WorkGrid(rows: size.rows, panels: size.panels, depth: 256, threads: threads)
    #expect(grid.rowShares * grid.panelShares == threads)
    var seen = [Int](repeating: 0, count: size.rows * size.panels)
    for worker in 0..<threads {
      let share = grid.share(of: worker, rows: size.rows, panels: size.panels)
      for row in share.rows {
        for panel in share.panels { seen[row * size.panels + panel] += 1 }
      }
    }
    #expect(seen.allSatisfy { $0 == 1 })
  }

  @Test func sharesRowsOfTallProductsAndPanelsOfWideOnes() {
    #expect(WorkGrid(rows: 12_544, panels: 4, depth: 64, threads: 4).rowShares == 4)
    #expect(WorkGrid(rows: 6, panels: 128, depth: 512, threads: 4).panelShares == 4)
    // What one core wrote stays with it, unless all of many filters would be read twice.
    #expect(WorkGrid(rows: 196, panels: 4, depth: 1024, threads: 2).rowShares == 2)
    #expect(WorkGrid(rows: 49, panels: 8, depth: 4608, taps: 9, threads: 2).panelShares == 2)
  }
}

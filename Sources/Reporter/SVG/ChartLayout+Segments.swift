extension ChartLayout {
  typealias Pixel = (x: Double, y: Double)

  /// The visible pieces of a series' line, cut where it leaves its range or the axes.
  func segments(of series: Chart.Series) -> [(from: Pixel, to: Pixel, isSolid: Bool)] {
    var corners: [Pixel] = []
    switch series.form {
    case .points, .columns: return []
    case .line, .lineAndPoints: corners = series.points.map { place($0) }
    case .steps:
      for point in series.points {
        let here = place(point)
        if let last = corners.last { corners.append((here.x, last.y)) }
        corners.append(here)
      }
    }
    corners = corners.map { corner in
      // A far point keeps its direction and loses its distance, which drawing cannot hold.
      (min(max(corner.x, -1e6), 1e6), min(max(corner.y, -1e6), 1e6))
    }.filter { !$0.0.isNaN && !$0.1.isNaN }
    let limits = series.solid.map {
      (x.position($0.lowerBound), x.position($0.upperBound))
    }
    var pieces: [(from: Pixel, to: Pixel, isSolid: Bool)] = []
    for (a, b) in zip(corners, corners.dropFirst()) {
      var cuts = [a]
      if let limits, a.x != b.x {
        for limit in [limits.0, limits.1] where min(a.x, b.x) < limit && limit < max(a.x, b.x) {
          cuts.append((limit, a.y + (b.y - a.y) * (limit - a.x) / (b.x - a.x)))
        }
      }
      cuts.append(b)
      for (from, to) in zip(cuts, cuts.dropFirst()) {
        guard let seen = plot.clip(segment: from, to) else { continue }
        let middle = (from.x + to.x) / 2
        let isSolid = limits.map { $0.0 <= middle && middle <= $0.1 } ?? true
        pieces.append((seen.from, seen.to, isSolid))
      }
    }
    return pieces
  }
}

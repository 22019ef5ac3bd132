extension ChartLayout {
  /// Other points of the whole part of a line where its name may stand, the nearest first; none
  /// for a series that is no line, or one that is whole everywhere.
  func places(along series: Chart.Series, from point: Chart.Point) -> [Pixel] {
    guard series.form == .line, let solid = series.solid,
      let index = series.points.firstIndex(of: point)
    else { return [] }
    return series.points.enumerated()
      .filter { $0.offset != index && solid.contains($0.element.x) && shows($0.element) }
      .sorted { (abs($0.offset - index), -$0.offset) < (abs($1.offset - index), -$1.offset) }
      .map { place($0.element) }
  }
}

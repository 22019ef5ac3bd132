import Harness

extension Report {
  /// One engine's kernels beside another's, a row a shape.
  func ratioTable(_ ratios: EngineRatios) -> DataTable {
    let mean = Wording.ratio(.init(ratios.geometricMean, interval: ratios.interval))
    return DataTable(
      id: "engine-ratios",
      caption: "'\(ratios.engine)' beside '\(ratios.rival)', round by round: "
        + "\(mean) as fast in the geometric mean, at least as fast on \(ratios.ahead) of "
        + Units.count(ratios.rows.count, "shape"),
      columns: [
        .init("Shape"), .init("Times as fast", unit: "x", isNumber: true),
        .init(ratios.engine, unit: "ms", isNumber: true, rank: 2),
        .init(ratios.rival, unit: "ms", isNumber: true, rank: 2), .init("Algorithm", rank: 1),
      ],
      rows: ratios.rows.map { row in
        [
          .init(row.name, tone: .code),
          .init(
            NumberFormat.significant(row.speedup), number: row.speedup,
            interval: Wording.interval(row.interval)),
          .init(Wording.milliseconds(row.ns), number: row.ns),
          .init(Wording.milliseconds(row.rivalNs), number: row.rivalNs),
          .init(row.algorithm, tone: .code),
        ]
      })
  }
}

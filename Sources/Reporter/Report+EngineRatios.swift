extension Report {
  /// One engine's kernels beside another's, shape by shape.
  package struct EngineRatios: Hashable, Sendable {
    package var engine: String
    package var rival: String
    package var rows: [Row]
    /// Of the ratios.
    package var geometricMean: Double

    /// One shape.
    package struct Row: Hashable, Sendable {
      /// The case id without its engine.
      package var name: String
      package var algorithm: String
      /// Median time of a call.
      package var ns: Double
      package var rivalNs: Double
      /// How many times as fast the engine is, process beside process.
      package var ratio: Double
      package var interval: [Double]?
      package init(
        name: String, algorithm: String, ns: Double, rivalNs: Double, ratio: Double,
        interval: [Double]?
      ) {
        (self.name, self.algorithm, self.ns, self.rivalNs) = (name, algorithm, ns, rivalNs)
        (self.ratio, self.interval) = (ratio, interval)
      }
    }

    /// Shapes on which the engine is at least as fast.
    package var ahead: Int { rows.count { $0.ratio >= 1 } }

    package init(engine: String, rival: String, rows: [Row], geometricMean: Double) {
      (self.engine, self.rival) = (engine, rival)
      (self.rows, self.geometricMean) = (rows, geometricMean)
    }
  }
}

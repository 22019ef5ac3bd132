extension Report {
  /// One engine's kernels beside another's, shape by shape.
  package struct EngineRatios: Hashable, Sendable {
    /// The engine whose speed is told.
    package var engine: String
    /// The engine that it is set beside.
    package var rival: String
    package var rows: [Row]
    /// Of the speedups.
    package var geometricMean: Double
    /// Of the geometric mean, 95 %.
    package var interval: [Double]
    /// Shapes on which the engine is at least as fast.
    package var ahead: Int

    /// One shape.
    package struct Row: Hashable, Sendable {
      /// The case id without its engine.
      package var name: String
      /// How the engine computes it.
      package var algorithm: String
      /// The engine's median time of a call.
      package var ns: Double
      /// The rival's median time of a call.
      package var rivalNs: Double
      /// How many times as fast the engine is, process beside process.
      package var speedup: Double
      /// Of the speedup, 95 %.
      package var interval: [Double]
      package init(
        name: String, algorithm: String, ns: Double, rivalNs: Double, speedup: Double,
        interval: [Double]
      ) {
        (self.name, self.algorithm, self.ns, self.rivalNs) = (name, algorithm, ns, rivalNs)
        (self.speedup, self.interval) = (speedup, interval)
      }
    }

    package init(
      engine: String, rival: String, rows: [Row], geometricMean: Double, interval: [Double],
      ahead: Int
    ) {
      (self.engine, self.rival, self.rows) = (engine, rival, rows)
      (self.geometricMean, self.interval, self.ahead) = (geometricMean, interval, ahead)
    }
  }
}

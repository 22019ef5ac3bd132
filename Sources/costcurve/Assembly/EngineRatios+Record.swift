import Harness
import Reporter
import Workloads

extension Report.EngineRatios {
  /// Our kernels beside OpenBLAS's on every shape that a record has of both; nil where it has none.
  init?(_ record: ResultRecord) {
    let (engine, rival) = (Engine.native.rawValue, Engine.openblas.rawValue)
    guard let found = EnginePairs(in: record, engine: engine, beside: rival) else { return nil }
    self.init(
      engine: engine, rival: rival,
      rows: found.pairs.map { pair in
        Row(
          name: CaseID.withoutEngine(pair.item.id), algorithm: pair.item.algorithm, ns: pair.ns,
          rivalNs: pair.otherNs, speedup: pair.rounds.speedup, interval: pair.rounds.ci95)
      }, geometricMean: found.geometricMean, ahead: found.ahead)
  }
}

import Harness
import Reporter
import Workloads

extension Report.EngineRatios {
  /// Our kernels beside OpenBLAS's on every shape that a record has of both; nil where it has none.
  init?(_ record: ResultRecord) {
    let (engine, rival) = (Engine.native, Engine.openblas)
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    let rivals = Dictionary(
      kernels.filter { CaseID($0.id)?.engine == rival.rawValue }
        .map { (Arm.subject(of: $0.id), $0) }, uniquingKeysWith: { first, _ in first })
    let rows = kernels.compactMap { item -> Row? in
      let name = Arm.subject(of: item.id)
      guard CaseID(item.id)?.engine == engine.rawValue, let other = rivals[name],
        let ns = item.statistics?.medianNs, let rivalNs = other.statistics?.medianNs,
        let pair = PairedRounds(item, beside: other)
      else { return nil }
      return Row(
        name: name, algorithm: item.algorithm, ns: ns, rivalNs: rivalNs, ratio: pair.ratio,
        interval: pair.ci95)
    }
    guard !rows.isEmpty else { return nil }
    self.init(
      engine: engine.rawValue, rival: rival.rawValue, rows: rows,
      geometricMean: Summary.geometricMean(rows.map(\.ratio)))
  }
}

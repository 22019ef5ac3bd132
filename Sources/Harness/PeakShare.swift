/// How near an engine's kernels come to the peak that was measured in the same rounds.
package struct PeakShare: Hashable, Sendable {
  /// Its name, with the element type where that is not float32.
  package var engine: String
  /// Percent of the peak of the case that comes nearest.
  package var best: Double
  package var bestCase: String
  /// Percent, over all of the engine's cases.
  package var median: Double
  /// The engine's cases that have a share.
  package var count: Int

  /// The products and convolutions of a record by engine, in the order of the cases.
  package static func all(in record: ResultRecord) -> [PeakShare] {
    var engines: [String] = []
    var shares: [String: [(id: String, percent: Double)]] = [:]
    for item in record.cases where item.kind == .gemm || item.kind == .conv {
      guard item.validity.ok, item.statistics != nil, let percent = item.shareOfPeak.percent
      else { continue }
      let precision = item.name.precision.map { ", \($0.rawValue)" } ?? ""
      let engine = CaseID.engine(of: item.id) + precision
      if shares[engine] == nil { engines.append(engine) }
      shares[engine, default: []].append((item.id, percent))
    }
    return engines.compactMap { engine in
      guard let cases = shares[engine], let best = cases.max(by: { $0.percent < $1.percent })
      else { return nil }
      return PeakShare(
        engine: engine, best: best.percent, bestCase: best.id,
        median: Quantile.median(of: cases.map(\.percent)), count: cases.count)
    }
  }
}

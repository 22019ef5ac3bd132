import Economics
import Harness
import Reporter

extension Report {
  /// The sample record among curves of the claims and public records that are made up.
  static func sample(of record: ResultRecord) throws -> Report {
    let fitted = try Curve.fitted()
    var report = Report(record: record, doubts: Warning.all(of: record).map { Doubt($0) })
    var costs = Costs()
    costs.inferenceCurves =
      [try Curve.named("inference-cost-claim")] + fitted.filter { $0.id == "inference-cost-fit" }
    costs.trainingCurves =
      [try Curve.named("train-cost-10x")] + fitted.filter { $0.id == "train-cost-fit" }
    costs.inference = rows([
      ("2017-11-30", 7_310, "8 sample GPUs / 61 GB"), ("2018-04-20", 1_640, "a CPU / 16 GB"),
      ("2019-10-17", 312, "1 sample T / 16 GB"),
    ])
    costs.training = rows([
      ("2017-10-27", 1_113, "8 sample GPUs / 488 GB"), ("2018-04-28", 72, "8 newer ones"),
      ("2018-09-29", 12.6, "a sample TPU"), ("2020-03-10", 7.43, "8 sample T"),
    ])
    costs.cpuInference = rows([("2022-07-11", 2_600, "sample.2xlarge"), ("2023-09-18", 1_607, "")])
    costs.cpuTraining = rows([("2018-04-18", 1_207, "64 × sample.18xlarge")])
    (costs.inferenceAtPeak, costs.trainingAtPeak) = (1_188, 426)
    costs.inferenceStated = try Curve.named("inference-cost-claim").figures(in: Claims.load())
    costs.trainingStated = try Curve.named("train-cost-10x").figures(in: Claims.load())
    report.costs = costs
    report.compute = Compute(
      runs: rows([
        ("2012-06-01", 0.0058, ""), ("2014-09-04", 0.095, ""), ("2016-09-26", 79, ""),
        ("2017-10-18", 1_860, ""),
      ]),
      curves: [try Curve.named("compute-3p4mo"), try Curve.named("moore-2yr")],
      basis: "the measured training rate", pfsDaysPerDay: 1.25e-4, pfsDaysPerMonth: 3.8e-3,
      pfsDaysPerYear: 0.0457)
    report.generations = [
      .init(
        name: "openblas", detail: "im2col", itemsPerSecond: 10.4, interval: [10.1, 10.6]),
      .init(
        name: "native", detail: "direct and Winograd", itemsPerSecond: 24.4,
        interval: [23.7, 24.9], ratio: .init(2.35, interval: [2.29, 2.41])),
      .init(
        name: "a peer 1.31", detail: "2026, all optimisations", itemsPerSecond: 19.1,
        interval: [18.4, 19.7], ratio: .init(1.84, interval: [1.8, 1.88]),
        newestRatio: .init(1.28, interval: [1.25, 1.31]), isPeer: true),
    ]
    report.claimedSoftwareGain = 8
    return report
  }

  private static func rows(_ rows: [(date: String, value: Double, hardware: String)])
    -> [PublicRecord]
  {
    rows.compactMap { row in
      Day(row.date).map {
        PublicRecord(
          date: $0, value: row.value, unit: "USD", model: "Sample net", hardware: row.hardware,
          source: "https://example.org/sample")
      }
    }
  }
}

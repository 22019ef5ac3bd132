import Economics
import Foundation
import Harness

extension Report {
  /// A report on a run: the record with its doubts, the public records and curves around it, the
  /// claims recomputed, and what the machine computes in a day.
  ///
  /// - Parameters:
  ///   - record: The run, priced where a price is known.
  ///   - others: Further runs to set beside it.
  ///   - records: The tables of public records and claims.
  /// - Returns: The report; roofline, learning curve and history are for the caller to add.
  /// - Throws: `RecordError` where a table or claim cannot be read.
  package static func of(
    _ record: ResultRecord, others: [ResultRecord] = [], records: Records = .builtIn
  ) throws -> Report {
    var report = Report(record: record, others: others)
    report.doubts = Warning.all(of: record).map { Doubt($0) }
    let curves = try Curve.all(records)
    let model = record.price.flatMap { price in
      price.usdPerHour > 0
        ? CostModel(price: Price(usdPerHour: price.usdPerHour, basis: price.basis)) : nil
    }
    let peak = record.bestPeak?.fmaGflops.map { $0 * 1e9 }
    report.costs = Costs(
      inferenceCurves: curves.filter { $0.id.hasPrefix("inference-cost") },
      trainingCurves: curves.filter { $0.id.hasPrefix("train-cost") },
      inference: try PublicRecord.inferenceCosts(records),
      training: try PublicRecord.trainingCosts(records),
      cpuInference: try PublicRecord.cpuInferenceCosts(records),
      cpuTraining: try PublicRecord.cpuTrainingCosts(records),
      inferenceAtPeak: peak.flatMap { model?.usdPerBillionImages(atFlopPerSecond: $0) },
      trainingAtPeak: peak.flatMap { model?.usdToTrain(atFlopPerSecond: $0) })
    report.compute = try compute(of: record, curves: curves, records: records)
    report.generations = generations(of: record)
    return report
  }

  /// The measured training rate where there is one, else the peak, in petaflop/s-days.
  private static func compute(
    of record: ResultRecord, curves: [Curve], records: Records
  ) throws -> Compute? {
    let training = record.cheapestTraining
    let measured = training?.derived.gflopsDirect
    guard let gflops = measured ?? record.bestPeak?.fmaGflops, gflops > 0 else { return nil }
    let rate = NumberFormat.significant(gflops)
    let basis =
      measured == nil
      ? "the measured FMA peak, \(rate) GFLOP/s"
      : "the measured training rate, \(rate) GFLOP/s (\(training?.id ?? ""))"
    func pfsDays(_ days: Double) -> Double {
      CostModel.pfsDays(flopPerSecond: gflops * 1e9, days: days)
    }
    return Compute(
      runs: try PublicRecord.trainingRuns(records),
      curves: curves.filter { $0.unit == "pfs-days" }, eras: eras, gflops: gflops, basis: basis,
      pfsDaysPerDay: pfsDays(1), pfsDaysPerMonth: pfsDays(30.436875),
      pfsDaysPerYear: pfsDays(365.25))
  }

  /// The eras of the claims `era-2012-2014`, `era-2014-2016` and `era-2016-2017`.
  private static let eras: [Era] = [
    ("one to eight GPUs", "2012-01-01", "2014-01-01"),
    ("ten to a hundred GPUs", "2014-01-01", "2016-01-01"),
    ("huge batches, TPUs", "2016-01-01", "2018-01-01"),
  ].compactMap { name, from, to in
    guard let from = Day(from), let to = Day(to) else { return nil }
    return Era(name, from: from, to: to)
  }

  /// The engines that ran the same inference, oldest first, at their best batch.
  private static func generations(of record: ResultRecord) -> [Generation] {
    let names = [
      ("openblas", "OpenBLAS im2col"), ("native-direct", "native direct"),
      ("native", "native Winograd"),
    ]
    let cases = record.cases.filter { $0.kind == .infer && $0.isShown }
    let best = names.compactMap { engine, name -> (String, CaseRecord)? in
      cases.filter { CaseName($0.id).engine == engine && CaseName($0.id).subject == "resnet50" }
        .max { ($0.derived.imagesPerSecond ?? 0) < ($1.derived.imagesPerSecond ?? 0) }
        .map { (name, $0) }
    }
    let first = best.first?.1.derived.imagesPerSecond
    return best.compactMap { name, item in
      guard let rate = item.derived.imagesPerSecond else { return nil }
      return Generation(
        name: name, detail: Wording.configuration(item), imagesPerSecond: rate,
        interval: item.derived.imagesPerSecondCi95, ratio: first.map { rate / $0 })
    }
  }
}

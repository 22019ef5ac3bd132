extension Curve {
  /// The curves fitted to public records: what they say where the documents draw a line.
  ///
  /// The cheapest training and inference of DAWNBench by date, the training runs that set a record
  /// in compute, and the compute of the networks that reached AlexNet's accuracy. The note has the
  /// yearly factor with its 95 % interval, which describes the fit and is no forecast.
  ///
  /// - Throws: `Problem` where a table is missing.
  package static func fitted(_ records: Records = .builtIn) throws -> [Curve] {
    let training = Frontier(try PublicRecord.trainingCosts(records)).points
    let inference = Frontier(try PublicRecord.inferenceCosts(records)).points
    return [
      fitted(
        "train-cost-fit", "Cost to train to 93 % top-5, fitted to DAWNBench's best", "USD",
        training, "dawnbench_imagenet_train.csv"),
      fitted(
        "inference-cost-fit", "Cost to classify 10⁹ images, fitted to DAWNBench's best",
        "USD per 10⁹ images", inference, "dawnbench_imagenet_inference.csv"),
      fitted(
        "compute-fit", "Compute of the runs that set a record, fitted", "pfs-days",
        recordSetting(try PublicRecord.trainingRuns(records)),
        "openai_ai_and_compute_systems.csv"),
      fitted(
        "efficiency-fit", "Compute to AlexNet's accuracy, fitted", "tfs-days",
        try PublicRecord.efficiencyRecords(records), "openai_efficiency_sota.csv"),
    ].compactMap { $0 }
  }

  /// Runs larger than all before them.
  private static func recordSetting(_ runs: [PublicRecord]) -> [PublicRecord] {
    runs.sorted { $0.date < $1.date }.reduce(into: []) { largest, run in
      if run.value > largest.last?.value ?? 0 { largest.append(run) }
    }
  }

  private static func fitted(
    _ id: String, _ title: String, _ unit: String, _ points: [PublicRecord], _ source: String
  ) -> Curve? {
    guard let fit = LogLinearFit(points.map { ($0.date, $0.value) }) else { return nil }
    let falls = fit.annualFactor < 1
    let ends = [fit.interval.lowerBound, fit.interval.upperBound].map { falls ? 1 / $0 : $0 }
    let factor = falls ? 1 / fit.annualFactor : fit.annualFactor
    let endToEnd = falls ? 1 / fit.endToEndFactor : fit.endToEndFactor
    return Curve(
      id: id, title: title, unit: unit, basis: .measured, anchorDay: fit.days.lowerBound,
      anchorValue: fit.start, annualFactor: fit.annualFactor, validity: fit.days, claims: [],
      note: """
        \(Figure.text(factor))x \(falls ? "less" : "more") a year by a line through all \
        \(fit.count) records, 95 % interval \(Figure.text(ends.min() ?? factor)) to \
        \(Figure.text(ends.max() ?? factor)), R² \(Figure.text(fit.rSquared)); \
        \(Figure.text(endToEnd))x from the first of them to the last
        """,
      source: source, fit: fit)
  }
}

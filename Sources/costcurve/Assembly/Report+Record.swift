import Economics
import Harness
import Reporter
import Workloads

extension Report {
  /// What a command has just measured, and its doubts.
  ///
  /// - Parameters:
  ///   - record: The measurement.
  ///   - race: What the software versions are taken from, where that is another record.
  init(measured record: ResultRecord, race: ResultRecord? = nil) {
    self.init(record: record)
    // What cannot be so is no longer in it.
    let record = self.record
    doubts = Warning.all(of: record).map(Doubt.init)
    generations = Generation.all(in: race ?? record, like: record)
    roofline = Roofline(record)
    lowerRooflines = CaseID.Precision.allCases.compactMap { Roofline(record, in: $0) }
    engineRatios = EngineRatios(record)
    peakShares = PeakShare.all(in: record)
    generationsBasis = race.map {
      "These rates are of an interleaved comparison, made on \($0.context.date.prefix(10))."
    }
  }

  /// All that can be said of a run: the record, its doubts, and what public data adds to networks.
  ///
  /// - Parameters:
  ///   - record: A run, measured just now or read from a file.
  ///   - others: Runs to set beside it.
  ///   - peers: What 'costcurve peers' wrote, for the chart of software versions.
  ///   - versions: What 'costcurve peers --versions' wrote, for the chart of dated releases; the
  ///     record itself where it is such a comparison.
  ///   - records: The tables of claims, prices and public records.
  /// - Throws: `Problem` where the tables cannot be read.
  init(
    _ record: ResultRecord, others: [ResultRecord] = [], peers: ResultRecord? = nil,
    versions: ResultRecord? = nil, records: Records = .builtIn
  ) throws {
    self.init(measured: record, race: peers)
    self.others = others.map { $0.withholdingTheImpossible() }
    if let study = versions ?? (record.softwareTrends == nil ? nil : record) {
      self.versions = VersionStudy(study, claimed: try SoftwarePace.all(records))
    }
    guard measuresNetworks else { return }
    var local = LocalMeasurement(self.record)
    if let trends = versions?.softwareTrends { local.releases = trends }
    claims = try Claims.audit(records, local: local).claims
    costs = try Costs(local, records: records)
    compute = try Compute(local, records: records)
    claimedSoftwareGain =
      claims.first { $0.id == "software-8x" }?.claim.numbers["ratio"]?.value
    findings = try Findings.all(records)
    documents = try Claims.documents(records)
    sources = try PublicSource.all(records)
  }
}

extension Report.Costs {
  /// The two cost charts: claimed and measured curves, public records, and what physics allows.
  fileprivate init(_ local: LocalMeasurement, records: Records) throws {
    let model = local.price.map(CostModel.init)
    let target = try TrainingTargets(records).target(of: "resnet50")
    let claims = try Claims.load(records)
    func stated(_ curve: String) throws -> [StatedFigure] {
      try Curve.named(curve, in: records).figures(in: claims)
    }
    func inferenceUSD(atPeak peaks: [Int: Double]) -> Double? {
      guard let peak = peaks.values.max() else { return nil }
      return model?.usdPerBillionImages(
        imagesPerSecond: peak * 1e9 / CostModel.resnet50ForwardFlop)
    }
    func trainingUSD(atPeak peaks: [Int: Double]) -> Double? {
      guard let peak = peaks.values.max(), let target else { return nil }
      return model?.usdToTrain(
        imagesPerSecond: peak * 1e9 / CostModel.resnet50TrainingFlop, target: target)
    }
    let fitted = try Curve.fitted(records)
    self.init()
    inferenceCurves =
      [
        try Curve.named("inference-cost-claim", in: records),
        try Curve.named("inference-cost-claim-unit-slip", in: records),
      ] + fitted.filter { $0.id == "inference-cost-fit" }
    trainingCurves =
      [try Curve.named("train-cost-10x", in: records)]
      + fitted.filter { $0.id == "train-cost-fit" }
    inference = try PublicRecord.inferenceCosts(records)
    training = try PublicRecord.trainingCosts(records)
    cpuInference = try PublicRecord.cpuInferenceCosts(records)
    cpuTraining = try PublicRecord.cpuTrainingCosts(records)
    for (precision, peaks) in local.lowerPeaks {
      inferenceAtLowerPeak[precision] = inferenceUSD(atPeak: peaks)
      if precision.isTrained { trainingAtLowerPeak[precision] = trainingUSD(atPeak: peaks) }
    }
    inferenceAtPeak = inferenceUSD(atPeak: local.peakGflops)
    trainingAtPeak = trainingUSD(atPeak: local.peakGflops)
    inferenceStated = try stated("inference-cost-claim")
    trainingStated = try stated("train-cost-10x")
  }
}

extension Report.Compute {
  /// What the measured FMA peak adds up to, beside the headline training runs.
  fileprivate init?(_ local: LocalMeasurement, records: Records) throws {
    guard let (threads, peak) = local.peakGflops.max(by: { $0.value < $1.value }) else {
      return nil
    }
    let day = CostModel.pfsDaysPerDay(flopPerSecond: peak * 1e9)
    self.init(
      runs: try PublicRecord.trainingRuns(records),
      curves: [
        try Curve.named("compute-3p4mo", in: records), try Curve.named("moore-2yr", in: records),
      ],
      basis: "measured FMA peak on \(Units.count(threads, "thread"))",
      pfsDaysPerDay: day, pfsDaysPerMonth: day * 365.25 / 12, pfsDaysPerYear: day * 365.25)
    counted = try PublishedRun.all(records).map { run in
      let here = RunHere.fastest(run, on: local)
      return Counted(run, here: here, usd: local.price.flatMap { here?.usd($0) })
    }
  }
}

extension Report.Roofline {
  /// The layers measured at the highest thread count that has all its roofs; in lower precision only
  /// where there are some.
  fileprivate init?(_ record: ResultRecord, in precision: CaseID.Precision? = nil) {
    let counts = record.peaks.map(\.threads).sorted(by: >)
    let models = counts.lazy.compactMap {
      RooflineModel(record: record, threads: $0, precision: precision)
    }
    guard let model = models.first else { return nil }
    var networks: Set<String> = []
    var placed: [(id: CaseID, algorithm: String, place: RooflineModel.Placement)] = []
    for item in record.cases where item.kind == .conv {
      guard let id = CaseID(item.id), id.threads == model.threads, let place = model.place(item)
      else { continue }
      placed.append((id, item.algorithm, place))
      networks.insert(id.subject.split(separator: ".").first.map(String.init) ?? id.subject)
    }
    let layers = placed.map { id, algorithm, place in
      Layer(
        name: id.subject.split(separator: ".", maxSplits: 1).last.map(String.init) ?? id.subject,
        engine: id.engine ?? "", direction: id.direction?.rawValue ?? "forward",
        algorithm: algorithm, flopPerByte: place.flopPerByte, gflops: place.gflops,
        bound: place.bound.rawValue, lostMs: place.lostMs, percentOfRoof: place.percentOfRoof)
    }
    if layers.isEmpty, precision != nil { return nil }
    let limits = RooflineModel.Limits(placed.map { ($0.id.engine ?? "", $0.place) })
    self.init(
      peakGflops: model.peakGflops, threads: model.threads,
      levels: model.levels.map { Level($0.level.rawValue.uppercased(), gbPerS: $0.gbPerS) },
      layers: layers, network: networks.count == 1 ? networks.first ?? "" : "",
      limits: limits.map { limits in
        Limits(
          engine: limits.engine,
          counts: Dictionary(
            uniqueKeysWithValues: limits.counts.map { ($0.key.rawValue, $0.value) }),
          worst: limits.worst.map { layers[$0] }, worstPercent: limits.worstPercent)
      }, precision: precision)
  }
}

import Basics
import Harness

/// What this machine adds to the claims: each measure is one topic, and a claim names those that
/// bear on it in its `local` list.
struct LocalMeasures {
  let measurement: LocalMeasurement
  let curves: [Curve]
  private let runs: [PublicRecord]
  private let catalogue: PriceCatalogue
  let records: Records
  private let bestAccelerator: (entry: PriceCatalogue.Entry, pflopsPerUSD: Double)?
  /// Of ResNet-50.
  private let target: TrainingTarget?
  /// Published trainings as counted work, by their ids.
  let published: [String: PublishedRun]

  init(records: Records, claims: [Claim], measurement: LocalMeasurement?) throws {
    (self.measurement, self.records) = (measurement ?? LocalMeasurement(), records)
    curves = try Curve.all(records) + Curve.fitted(records)
    runs = try PublicRecord.trainingRuns(records)
    catalogue = try PriceCatalogue(records)
    bestAccelerator = try PriceCatalogue.bestAccelerator(records)
    target = try TrainingTargets(records).target(of: "resnet50")
    published = Dictionary(
      try PublishedRun.all(records).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for claim in claims {
      for name in claim.local ?? [] where Topic(rawValue: name) == nil {
        let known = Topic.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(
          .malformed, "the claim '\(claim.id)' asks for '\(name)'; measures are \(known).")
      }
    }
  }

  /// The measures there are, by the names that claims use.
  enum Topic: String, CaseIterable {
    case trainingCost, inferenceCost, curveToday, whatItTakes
    case softwareGenerations, softwareReleases, pricePerformance, petaflopDays, headlineRuns
    case bertTraining, translation, selfPlay, selfPlayShare, gpt3Training, groverTraining
    case textCost, answerRate, countedRuns
    case operationsPerWatt
  }

  func findings(for claim: Claim) -> [LocalFinding] {
    (claim.local ?? []).compactMap(Topic.init).flatMap { topic in
      switch topic {
      case .trainingCost: trainingCost(claim)
      case .inferenceCost: inferenceCost(claim)
      case .curveToday: curveToday(claim)
      case .whatItTakes: whatItTakes(claim)
      case .softwareGenerations: softwareGenerations()
      case .softwareReleases: softwareReleases(claim)
      case .pricePerformance: pricePerformance(claim)
      case .petaflopDays: petaflopDays()
      case .headlineRuns: headlineRuns()
      case .bertTraining: bertTraining(claim)
      case .translation: translation()
      case .selfPlay: selfPlay()
      case .selfPlayShare: selfPlayShare()
      case .gpt3Training: gpt3Training(claim)
      case .groverTraining: groverTraining(claim)
      case .textCost: textCost()
      case .answerRate: answerRate(claim)
      case .countedRuns: countedRuns()
      case .operationsPerWatt: operationsPerWatt()
      }
    }
  }

  var model: CostModel? { measurement.price.map(CostModel.init) }
  /// What every dollar here rests on.
  var priceText: String {
    measurement.price.map { "at \(Figure.text($0.usdPerHour)) USD/h, \($0.basis)" } ?? "no price"
  }
  private var bestPeak: (threads: Int, gflops: Double)? {
    measurement.peakGflops.max { $0.value < $1.value }.map { ($0.key, $0.value) }
  }

  func missing(_ label: String, _ unit: String, _ command: String) -> LocalFinding {
    LocalFinding(
      label: label, value: nil, unit: unit, note: "not measured here; '\(command)' measures it")
  }

  /// A rate of ResNet-50 in one precision.
  private struct OwnRate {
    var rate: LocalMeasurement.Rate
    /// ` in int8`; empty for float32 where nothing else was measured.
    var precision: String
    /// What its answers are worth, a clause; nil for float32.
    var worth: String?

    /// The same at the end of a note.
    var note: String { worth.map { "; \($0)" } ?? "" }
  }

  /// What was measured of inference, or of training steps: lower precision first, as prices of
  /// cents presume it.
  private func ownRates(isTraining: Bool) -> [OwnRate] {
    let low = isTraining ? measurement.lowTraining : measurement.lowPrecision
    let float = isTraining ? measurement.training : measurement.inference
    var rates: [OwnRate] = []
    if let low {
      rates.append(
        OwnRate(rate: low.rate, precision: " in \(low.precision)", worth: low.worth))
    }
    if let float {
      rates.append(OwnRate(rate: float, precision: low == nil ? "" : " in float32"))
    }
    return rates
  }

  private func trainingCost(_ claim: Claim) -> [LocalFinding] {
    guard let target else { return [] }
    let label = "ResNet-50 trained here for \(Figure.text(target.epochs)) epochs"
    let rates = ownRates(isTraining: true)
    let best = rates.map(\.rate.perSecond).max() ?? 0
    guard let model, best > 0 else {
      return [missing(label, "USD", "costcurve train --network resnet50")]
    }
    var findings = rates.map { own -> LocalFinding in
      let speed = "from \(Figure.text(own.rate.perSecond)) images/s in the training step"
      return LocalFinding(
        label: label + own.precision,
        value: model.usdToTrain(imagesPerSecond: own.rate.perSecond, target: target), unit: "USD",
        note: "\(speed), \(priceText)\(own.note)", isExtrapolated: true)
    }
    if let claimed = claim.numbers["usd"]?.value {
      let rate = model.trainingImagesPerSecond(usd: claimed, target: target)
      findings.append(needed("training", rate, for: claimed, beside: best))
    }
    return findings
  }

  /// The rate at which what is claimed would be so.
  private func needed(
    _ work: String, _ rate: Double, for usd: Double, beside measured: Double
  ) -> LocalFinding {
    LocalFinding(
      label: "\(work) rate that \(Figure.text(usd)) USD needs at this price", value: rate,
      unit: "images/s", note: "\(Units.ratio(rate / measured)) the rate measured here")
  }

  private func inferenceCost(_ claim: Claim) -> [LocalFinding] {
    let label = "10⁹ images classified here"
    let rates = ownRates(isTraining: false)
    let best = rates.map(\.rate.perSecond).max() ?? 0
    guard let model, best > 0 else {
      return [missing(label, "USD", "costcurve infer --network resnet50")]
    }
    var findings = rates.map { cost($0, model, label: label + $0.precision) }
    let claimed = ["usd", "usd_start", "usd_end"].compactMap { claim.numbers[$0]?.value }
    for value in claimed {
      let rate = model.imagesPerSecond(usdPerBillionImages: value)
      findings.append(needed("inference", rate, for: value, beside: best))
    }
    return findings
  }

  /// What 10^9 images cost at a rate.
  private func cost(_ own: OwnRate, _ model: CostModel, label: String) -> LocalFinding {
    let rate = own.rate
    let ends = rate.interval.flatMap(CostModel.fastestFirst)?.map {
      Figure.text(model.usdPerBillionImages(imagesPerSecond: $0))
    }
    let range = ends.map { ", 95 % interval \($0[0]) to \($0[1]) USD" }
    return LocalFinding(
      label: label, value: model.usdPerBillionImages(imagesPerSecond: rate.perSecond), unit: "USD",
      note: "at \(Figure.text(rate.perSecond)) images/s\(range ?? ""), \(priceText)\(own.note)")
  }

  private func curveToday(_ claim: Claim) -> [LocalFinding] {
    let isTraining = claim.local?.contains(Topic.trainingCost.rawValue) == true
    func asked(_ rate: LocalMeasurement.Rate) -> Double? {
      guard let model else { return nil }
      guard isTraining else {
        return model.usdPerBillionImages(imagesPerSecond: rate.perSecond)
      }
      return target.map { model.usdToTrain(imagesPerSecond: rate.perSecond, target: $0) }
    }
    // What this machine asks, in each precision, with what that is worth.
    let here = ownRates(isTraining: isTraining).compactMap {
      own -> (usd: Double, precision: String)? in
      guard let usd = asked(own.rate) else { return nil }
      return (usd: usd, precision: own.precision + (own.worth.map { " (\($0))" } ?? ""))
    }
    return (claim.curves ?? []).compactMap { id in curves.first { $0.id == id } }.flatMap { curve in
      let days =
        [curve.validity.lowerBound, curve.validity.upperBound]
        + [measurement.date].compactMap { $0 }
      return days.map { day in
        let point = curve.value(at: day)
        let range = "\(point.validity.lowerBound) to \(point.validity.upperBound)"
        let against = here.map { usd, precision in
          "; here it costs \(Units.ratio(usd / point.value)) that\(precision)"
        }.joined()
        return LocalFinding(
          label: (curve.basis == .claimed ? "read by us off the line " : "")
            + "\(curve.id) on \(day)",
          value: point.value, unit: curve.unit,
          note: (point.isInRange ? "in range" : "out of range \(range)") + against,
          isExtrapolated: !point.isInRange)
      }
    }
  }

  private func whatItTakes(_ claim: Claim) -> [LocalFinding] {
    guard let usd = claim.numbers["usd"]?.value else { return [] }
    let need = CostModel.pflopsPerUSDPerHour(usdPerBillionImages: usd)
    var findings = [
      LocalFinding(
        label: "speed that \(Figure.text(usd)) USD per 10⁹ images takes", value: need,
        unit: "PFLOP/s per USD/h", note: "ResNet-50, 8.178×10⁹ FLOP an image, no loss at all")
    ]
    if let model, let peak = bestPeak {
      let here = peak.gflops / 1e6 / model.price.usdPerHour
      findings.append(
        LocalFinding(
          label: "the same of this machine at its measured peak", value: here,
          unit: "PFLOP/s per USD/h", note: "short by a factor of \(Figure.text(need / here))"))
    }
    for precision in CaseID.Precision.allCases {
      guard let model, let peak = measurement.lowerPeaks[precision]?.values.max() else { continue }
      let here = peak / 1e6 / model.price.usdPerHour
      findings.append(
        LocalFinding(
          label: "the same of this machine at its measured \(precision.rawValue) peak", value: here,
          unit: precision == .int8 ? "10¹⁵ operations/s per USD/h" : "PFLOP/s per USD/h",
          note: "short by a factor of \(Figure.text(need / here))"))
    }
    if let (entry, ideal) = bestAccelerator {
      findings.append(
        LocalFinding(
          label: "the same of an H100 at its INT8 peak, \(entry.instance)", value: ideal,
          unit: "PFLOP/s per USD/h",
          note: "\(Figure.text(need / ideal)) such machines for the price of one would do"))
    }
    return findings
  }

  private func softwareGenerations() -> [LocalFinding] {
    let generations = measurement.generations
    guard let first = generations.first, let last = generations.last, generations.count > 1 else {
      return [missing("gain by software alone on this machine", "x", "costcurve run")]
    }
    let steps = generations.map { "\($0.name) \(Figure.text($0.imagesPerSecond)) images/s" }
    return [
      LocalFinding(
        label: "gain by software alone on this machine",
        value: last.imagesPerSecond / first.imagesPerSecond, unit: "x",
        note: steps.joined(separator: ", "))
    ]
  }

  /// What releases gain in a year here; nothing where none were compared: that takes a study of its
  /// own, which no run makes.
  private func softwareReleases(_ claim: Claim) -> [LocalFinding] {
    let claimed = SoftwarePace(claim).map {
      "; \($0.words) is \(Units.ratio($0.yearlyFactor)) a year"
    }
    return measurement.releases.map { trend in
      let ends = trend.yearlyFactorCi95.map { "95 % interval \(Units.interval($0)), " } ?? ""
      return LocalFinding(
        label: "gain a year by releases of \(trend.setting), \(trend.subject)",
        value: trend.yearlyFactor, unit: "x a year",
        note: ends + "\(Units.count(trend.releases, "release")), \(trend.firstVersion) "
          + "(\(trend.firstReleased)) to \(trend.lastVersion) (\(trend.lastReleased))"
          + (claimed ?? ""))
    }
  }

  private func pricePerformance(_ claim: Claim) -> [LocalFinding] {
    var findings: [LocalFinding] = []
    var perDollar: [Double] = []
    // One cloud K80 is one of the two dies of a board.
    let machines = [
      ("K80 (board, two dies)", "p2.xlarge", 0.5), ("V100 SXM2 16GB", "p3.2xlarge", 1.0),
    ]
    for (device, instance, share) in machines {
      guard let peak = try? records.acceleratorPeak(device, "fp32_tflops"),
        let price = try? catalogue.entry(named: instance)
      else { continue }
      let value = peak * share * 1000 / price.usdPerHour
      perDollar.append(value)
      findings.append(
        LocalFinding(
          label: "FP32 peak of \(instance) (\(device))", value: value,
          unit: "GFLOP/s per USD/h", note: "\(price.usdPerHour) USD/h"))
    }
    guard let model, let peak = bestPeak else {
      return findings
        + [missing("FP32 peak of this machine", "GFLOP/s per USD/h", "costcurve roofline")]
    }
    let here = peak.gflops / model.price.usdPerHour
    let against = claim.numbers["ratio"].map { stated in
      "; the claim is \(Figure.text(stated.value)) \(stated.unit)"
        + (stated.when.map { ", \($0)" } ?? "")
    }
    findings.append(
      LocalFinding(
        label: "FP32 peak of this machine, \(Units.count(peak.threads, "thread"))", value: here,
        unit: "GFLOP/s per USD/h",
        note: perDollar.map { "\(Figure.text(here / $0))x" }.joined(separator: " and ")
          + " of those" + (against ?? "")))
    return findings
  }

  private func petaflopDays() -> [LocalFinding] {
    guard let peak = bestPeak else {
      return [missing("petaflop/s-days in a day here", "pfs-days", "costcurve roofline")]
    }
    let value = CostModel.pfsDaysPerDay(flopPerSecond: peak.gflops * 1e9)
    return [
      LocalFinding(
        label: "petaflop/s-days in a day here", value: value, unit: "pfs-days",
        note: "at the measured peak of \(Figure.text(peak.gflops)) GFLOP/s; one takes "
          + "\(Figure.text(1 / value)) days")
    ]
  }

  private func headlineRuns() -> [LocalFinding] {
    guard let peak = bestPeak else {
      return [missing("charted runs that fit in a year here", "runs", "costcurve roofline")]
    }
    let perDay = CostModel.pfsDaysPerDay(flopPerSecond: peak.gflops * 1e9)
    var findings = [("a day", 1.0), ("a week", 7), ("a year", 365.25)].map { name, days in
      let fitting = runs.filter { $0.value <= perDay * days }.map(\.model)
      return LocalFinding(
        label: "charted runs that fit in \(name) here", value: Double(fitting.count),
        unit: "of \(runs.count) runs",
        note: fitting.isEmpty ? "none" : fitting.joined(separator: ", "))
    }
    if let largest = runs.max(by: { $0.value < $1.value }) {
      findings.append(
        LocalFinding(
          label: "\(largest.model) at the measured peak", value: largest.value / perDay / 365.25,
          unit: "years", note: "\(Figure.text(largest.value)) petaflop/s-days"))
    }
    return findings
  }
}

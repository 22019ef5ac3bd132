/// A doubt about a measurement, with what to do about it.
///
/// Shown by every reporter, kept with the run.
package enum Warning: Hashable, Sendable {
  /// The case's middle half is wide.
  case widespread(caseID: String, relativeIQR: Double)
  /// The samples resemble their neighbours so much that they count for few.
  case dependent(caseID: String, samples: Int, effective: Double)
  /// The interval rests on one process.
  case provisional(cases: Int)
  /// There are too few samples for any interval.
  case noInterval(caseID: String, samples: Int)
  /// The hypervisor took time away.
  case steal(percent: Double)
  /// Other processes of this machine took time away.
  case preempted(percent: Double)
  /// Work is waiting for a CPU.
  case pressure(percent: Double)
  /// The frequency governor is not set for steady speed.
  case governor(String)
  /// A library variable in force decides how many threads it uses.
  case variable(name: String, value: String)
  /// Fewer CPUs may be used than are seen.
  case limited(available: Int, cores: Int)
  /// The answer was wrong, or the rate was impossible; no speed is shown.
  case refused(caseID: String, reason: String)
  /// The weights are made from a seed.
  case accuracyNotEvaluated
  /// The price was assumed.
  case assumedPrice(usdPerHour: Double, basis: String)

  /// What is doubtful, as a sentence.
  package var sentence: String {
    switch self {
    case .widespread(let id, let spread):
      "\(id): the middle half of its times spans \(Units.percent(100 * spread)) of the median."
    case .dependent(let id, let n, let effective):
      "\(id): its \(n) samples are worth \(Units.number(effective)) independent ones."
    case .provisional(let cases):
      "\(cases) case(s) rest on one process, so their intervals are provisional."
    case .noInterval(let id, let n): "\(id): \(n) sample(s) support no interval."
    case .steal(let percent):
      "The hypervisor gave \(Units.percent(percent)) of the CPU time to other guests."
    case .preempted(let percent):
      "\(Units.percent(percent)) of the samples were interrupted by other processes."
    case .pressure(let percent):
      "Work waited for a CPU \(Units.percent(percent)) of the last ten seconds."
    case .governor(let name): "The CPU frequency governor is '\(name)'."
    case .variable(let name, let value): "\(name)=\(value) is in force."
    case .limited(let available, let cores):
      "\(available) of \(cores) CPUs may be used by this process."
    case .refused(let id, let reason): "\(id): \(reason)."
    case .accuracyNotEvaluated: "The weights come from a seed: accuracy was not evaluated."
    case .assumedPrice(let price, let basis):
      "The price of \(Units.usd(price)) an hour is an assumption: \(basis)."
    }
  }

  /// What to do about it, as a sentence.
  package var remedy: String {
    switch self {
    case .widespread: "Close what else runs, or take more processes with --rigorous."
    case .dependent: "Trust the interval over processes, not the number of samples."
    case .provisional: "Run without --quick for intervals over five processes."
    case .noInterval: "Give it more time with --duration, or leave out --quick."
    case .steal: "Repeat at another hour, or on a dedicated instance; compare only with 'compare'."
    case .preempted, .pressure: "Stop other work on this machine, then repeat."
    case .governor: "Set it to 'performance' (cpupower frequency-set -g performance)."
    case .variable: "Unset it unless it is meant; --threads sets the number of threads."
    case .limited: "Widen the affinity mask or the container's quota to measure the whole machine."
    case .refused: "Run 'costcurve verify', and report it if it repeats."
    case .accuracyNotEvaluated: "Give real weights with --weights to evaluate labels."
    case .assumedPrice: "Give --usd-per-hour, or --instance from 'costcurve list instances'."
    }
  }

  /// All doubts that a record itself gives cause for, the gravest first.
  package static func all(of record: ResultRecord) -> [Warning] {
    var warnings: [Warning] = []
    for item in record.cases {
      warnings += item.validity.reasons.map { .refused(caseID: item.id, reason: $0) }
    }
    warnings += machine(record.context)
    let provisional = record.cases.count { $0.statistics?.provisional == true }
    if provisional > 0 { warnings.append(.provisional(cases: provisional)) }
    for item in record.cases { warnings += spread(item) }
    if record.cases.contains(where: { $0.accuracy.status == "not evaluated" }) {
      warnings.append(.accuracyNotEvaluated)
    }
    if let price = record.price, price.basis.hasPrefix("assumed") {
      warnings.append(.assumedPrice(usdPerHour: price.usdPerHour, basis: price.basis))
    }
    return warnings
  }

  private static func machine(_ context: Context) -> [Warning] {
    var warnings: [Warning] = []
    if let steal = context.noise.stealPercent, steal > 1 { warnings.append(.steal(percent: steal)) }
    if let share = context.noise.preemptionPercent, share > 10 {
      warnings.append(.preempted(percent: share))
    }
    if let pressure = context.noise.pressurePercent, pressure > 20 {
      warnings.append(.pressure(percent: pressure))
    }
    if let governor = context.machine.governor, governor != "performance" {
      warnings.append(.governor(governor))
    }
    for (name, value) in context.environment.sorted(by: { $0.key < $1.key })
    where name.contains("NUM_THREADS") {
      warnings.append(.variable(name: name, value: value))
    }
    let quota = context.machine.quota.map { Int($0.rounded(.up)) } ?? context.machine.affinity
    let available = max(1, min(context.machine.affinity, quota))
    if available < context.machine.cores {
      warnings.append(.limited(available: available, cores: context.machine.cores))
    }
    return warnings
  }

  private static func spread(_ item: CaseRecord) -> [Warning] {
    guard let statistics = item.statistics else { return [] }
    var warnings: [Warning] = []
    if statistics.ci95Ns == nil {
      warnings.append(.noInterval(caseID: item.id, samples: statistics.n))
    }
    if statistics.relativeIqr > 0.25 {
      warnings.append(.widespread(caseID: item.id, relativeIQR: statistics.relativeIqr))
    }
    if statistics.n >= 20, statistics.nEffective < Double(statistics.n) / 5 {
      warnings.append(
        .dependent(caseID: item.id, samples: statistics.n, effective: statistics.nEffective))
    }
    return warnings
  }
}

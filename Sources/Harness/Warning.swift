/// A doubt about a measurement, with what to do about it.
///
/// Shown by every reporter, kept with the run.
package enum Warning: Hashable, Sendable {
  /// The middle half of some cases is wide; the widest comes first.
  case widespread(caseIDs: [String], relativeIQR: Double)
  /// Samples resemble their neighbours so much that they count for few; the worst comes first.
  case dependent(caseIDs: [String], samples: Int, effective: Double)
  /// The interval rests on one process.
  case provisional(cases: Int)
  /// There are too few samples for any interval; the case with the fewest comes first.
  case noInterval(caseIDs: [String], samples: Int)
  case busy(RunValidity.Doubt)
  /// The frequency governor is not set for steady speed.
  case governor(String)
  /// A library variable in force decides how many threads it uses, or which kernels.
  case variable(name: String, value: String)
  /// A library variable that would decide which kernels it uses was set, and not passed on.
  case leftOut(name: String, value: String)
  /// A library takes this CPU, which is newer than itself, for an old one.
  case oldKernels(library: String, core: String)
  /// Fewer CPUs may be used than are seen.
  case limited(available: Int, cores: Int)
  /// The answer was wrong, or the rate was impossible; no speed is shown.
  case refused(caseID: String, reason: String)
  /// No answers were compared with labels.
  case accuracyNotEvaluated
  case assumedPrice(usdPerHour: Double, assumption: String)

  /// What is doubtful, as a sentence.
  package var sentence: String {
    switch self {
    case .widespread(let ids, let spread):
      "\(Self.subject(ids, "wide spread")) the middle half of its times spans "
        + "\(Units.percent(100 * spread)) of the median."
    case .dependent(let ids, let n, let effective):
      "\(Self.subject(ids, "dependent samples")) its \(n) samples are worth "
        + "\(Units.number(effective)) independent ones."
    case .provisional(let cases):
      cases == 1
        ? "1 case rests on one process, so its interval is provisional."
        : "\(cases) cases rest on one process, so their intervals are provisional."
    case .noInterval(let ids, let n):
      "\(Self.subject(ids, "too few samples")) \(Units.count(n, "sample")) support no interval."
    case .busy(let doubt): doubt.sentence
    case .governor(let name): "The CPU frequency governor is '\(name)'."
    case .variable(let name, let value): "\(name)=\(value) is in force."
    case .leftOut(let name, let value):
      "\(name)=\(value) was scrubbed so that OpenBLAS chooses its own core."
    case .oldKernels(let library, let core):
      "\(library) does not know this CPU and computes with its kernels for \(core)."
    case .limited(let available, let cores):
      "\(available) of \(cores) CPUs may be used by this process."
    case .refused(let id, let reason): "\(id): \(reason)."
    case .accuracyNotEvaluated: "Accuracy was not evaluated: no answers were compared with labels."
    case .assumedPrice(let price, let assumption):
      "The price of \(Units.usd(price)) an hour is an assumption: \(assumption)."
    }
  }

  /// What to do about it, as a sentence.
  package var remedy: String {
    switch self {
    case .widespread: "Close what else runs, or take more processes with --rigorous."
    case .dependent: "Trust the interval over processes, not the number of samples."
    case .provisional: "Run without --quick for intervals over five processes."
    case .noInterval: "Give it more time with --duration, or leave out --quick."
    case .busy(let doubt): doubt.remedy
    case .governor: "Set it to 'performance' (cpupower frequency-set -g performance)."
    case .variable(let name, _):
      name.contains("NUM_THREADS")
        ? "Unset it unless it is meant; --threads sets the number of threads."
        : "Unset it to let OpenBLAS choose the kernels of this CPU."
    case .leftOut:
      "Unset it; 'costcurve compare' compares other libraries with it, as openblas@FILE."
    case .oldKernels:
      "Read ratios to it as such; a newer one can be compared as openblas@FILE."
    case .limited: "Widen the affinity mask or the container's quota to measure the whole machine."
    case .refused: "Run 'costcurve verify', and report it if it repeats."
    case .accuracyNotEvaluated: "Give --weights, --images and --labels to 'costcurve infer'."
    case .assumedPrice:
      "Give --usd-per-hour; 'costcurve report RECORD --usd-per-hour' prices a stored run anew."
    }
  }

  /// All doubts that a record itself gives cause for, the gravest first.
  package static func all(of record: ResultRecord) -> [Warning] {
    var warnings: [Warning] = []
    for item in record.cases {
      warnings += item.validity.reasons.map { .refused(caseID: item.id, reason: $0) }
    }
    warnings += ofMachine(record.context)
    let provisional = record.cases.count { $0.statistics?.provisional == true }
    if provisional > 0 { warnings.append(.provisional(cases: provisional)) }
    warnings += spread(record.cases)
    if record.cases.contains(where: {
      $0.accuracy.status == "not evaluated" && $0.accuracy.reason == nil
    }) {
      warnings.append(.accuracyNotEvaluated)
    }
    if let price = record.price, let assumption = price.assumption {
      warnings.append(.assumedPrice(usdPerHour: price.usdPerHour, assumption: assumption))
    }
    return warnings
  }

  /// Doubts that the machine and its noise alone give cause for.
  package static func ofMachine(_ context: Context) -> [Warning] {
    var warnings = RunValidity.ofMachine(context.noise).map(Warning.busy)
    if let governor = context.machine.governor, governor != "performance" {
      warnings.append(.governor(governor))
    }
    warnings += leftOut(context.leftOut ?? [:])
    warnings += context.libraries.compactMap(oldKernels)
    for (name, value) in context.environment.sorted(by: { $0.key < $1.key })
    where name.contains("NUM_THREADS") || LeftOutVariables.names.contains(name) {
      warnings.append(.variable(name: name, value: value))
    }
    let machine = context.machine
    if machine.usableCPUs < machine.cores {
      warnings.append(.limited(available: machine.usableCPUs, cores: machine.cores))
    }
    return warnings
  }

  /// What was left out, in the order of the names.
  package static func leftOut(_ values: [String: String]) -> [Warning] {
    values.sorted { $0.key < $1.key }.map { .leftOut(name: $0.key, value: $0.value) }
  }

  /// Cores without AVX2, which this program needs, that OpenBLAS has kernels for.
  private static let oldCores: Set = [
    "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn",
    "Dunnington", "Nehalem", "Sandybridge", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona",
    "Nano", "Bobcat", "Bulldozer", "Piledriver", "Steamroller",
  ]

  private static func oldKernels(_ library: Context.Library) -> Warning? {
    let words = library.configuration.split(whereSeparator: { $0 == " " || $0 == "," })
    guard words.first == "core", words.count > 1, oldCores.contains(String(words[1])) else {
      return nil
    }
    return .oldKernels(library: "\(library.name) \(library.version)", core: String(words[1]))
  }

  /// One warning of a kind for all cases that give cause for it, the worst of them named first.
  private static func spread(_ cases: [CaseRecord]) -> [Warning] {
    let measured = cases.compactMap { item in item.statistics.map { (id: item.id, is: $0) } }
    var warnings: [Warning] = []
    let unsupported = measured.filter { $0.is.ci95Ns == nil }.sorted { $0.is.n < $1.is.n }
    if let worst = unsupported.first {
      warnings.append(.noInterval(caseIDs: unsupported.map(\.id), samples: worst.is.n))
    }
    let wide = measured.filter { $0.is.relativeIqr > 0.25 }
      .sorted { $0.is.relativeIqr > $1.is.relativeIqr }
    if let worst = wide.first {
      warnings.append(.widespread(caseIDs: wide.map(\.id), relativeIQR: worst.is.relativeIqr))
    }
    let share: (CaseRecord.Statistics) -> Double = { $0.nEffective / Double($0.n) }
    let alike = measured.filter { $0.is.n >= 20 && share($0.is) < 0.2 }
      .sorted { share($0.is) < share($1.is) }
    if let worst = alike.first {
      warnings.append(
        .dependent(
          caseIDs: alike.map(\.id), samples: worst.is.n, effective: worst.is.nEffective))
    }
    return warnings
  }

  /// The case that a warning speaks of, and how many more it holds for.
  private static func subject(_ ids: [String], _ what: String) -> String {
    guard let first = ids.first else { return "" }
    return ids.count == 1 ? "\(first):" : "\(ids.count) cases have \(what), worst \(first):"
  }
}

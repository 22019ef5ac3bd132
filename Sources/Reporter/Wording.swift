import Economics
import Harness

/// Figures and intervals as text, the same in every section.
package enum Wording {
  /// `[23.9, 24.9]` in the digits of the figure, or nothing.
  static func interval(_ bounds: [Double]?, _ format: NumberFormat = .plain) -> String {
    guard let bounds, bounds.count == 2 else { return "" }
    return "[\(format.text(bounds[0])), \(format.text(bounds[1]))]"
  }

  /// The bounds as a range; nil where they are none.
  package static func range(_ bounds: [Double]?) -> ClosedRange<Double>? {
    bounds.flatMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]...$0[1] : nil }
  }

  /// The interval of a case's rate, or `(slowest–fastest)` where there are too few samples for one.
  static func rateInterval(_ item: CaseRecord) -> String {
    if let bounds = item.derived.rateCi95 { return interval(bounds) }
    guard let rate = item.derived.rate, let statistics = item.statistics,
      statistics.minNs > 0, statistics.maxNs > statistics.minNs
    else { return "" }
    let ends = [statistics.maxNs, statistics.minNs].map {
      NumberFormat.significant(rate * statistics.medianNs / $0)
    }
    return "(\(ends[0])–\(ends[1]))"
  }

  /// The interval of the time of a call in milliseconds; `min–max` where there is none.
  static func timeInterval(_ statistics: CaseRecord.Statistics) -> String {
    if let bounds = statistics.ci95Ns, bounds.count == 2 {
      return "[\(milliseconds(bounds[0])), \(milliseconds(bounds[1]))]"
    }
    return "(\(milliseconds(statistics.minNs))–\(milliseconds(statistics.maxNs)))"
  }

  /// The interval of a case's time or rate, marked where the median is not the machine's own.
  static func marked(_ interval: String, _ item: CaseRecord) -> String {
    guard item.hasDisturbedMedian else { return interval }
    return interval.isEmpty ? "disturbed" : interval + " disturbed"
  }

  /// How the interval came about, for captions and tooltips.
  static func intervalBasis(_ statistics: CaseRecord.Statistics) -> String {
    switch statistics.ci95Method {
    case "processes": "95 % interval over processes, \(Units.count(statistics.n, "sample"))"
    case "blocks": "95 % interval over block means of one process, provisional"
    default:
      "\(Units.count(statistics.n, "sample")): too few for an interval, smallest and largest shown"
    }
  }

  /// Nanoseconds as milliseconds, without the unit.
  static func milliseconds(_ nanoseconds: Double) -> String {
    NumberFormat.significant(nanoseconds / 1e6)
  }

  /// A percentile, or how many samples it needs.
  static func percentile(_ latency: CaseRecord.Latency?, _ name: String, _ value: Double?) -> String
  {
    if let value { return NumberFormat.significant(value) }
    return latency?.needs[name].map { "n/a (needs \($0))" } ?? "n/a"
  }

  /// `$0.0960 an hour, on-demand, m5.large, eu-central-1, 2026-07-20`.
  static func price(_ price: ResultRecord.PriceRecord?) -> String {
    guard let price else { return "no price" }
    let parts = [price.basis, price.instance, price.region, price.asOf].compactMap { $0 }
    return "\(NumberFormat.usd.text(price.usdPerHour)) an hour, " + parts.joined(separator: ", ")
  }

  /// The price with the first part of its basis, where the whole stands elsewhere in the report.
  static func shortPrice(_ price: ResultRecord.PriceRecord?) -> String {
    guard let price else { return "no price" }
    let basis = price.basis.split(separator: ",").first.map(String.init) ?? price.basis
    // An assumption about an instance names it.
    let instance = price.instance.flatMap { basis.contains($0) ? nil : $0 }
    let parts = [basis, instance, price.instance == nil ? nil : price.asOf].compactMap { $0 }
    return "\(NumberFormat.usd.text(price.usdPerHour)) an hour, " + parts.joined(separator: ", ")
  }

  /// `batch 16, 2 threads, native` of a case.
  ///
  /// - Parameters:
  ///   - item: The case.
  ///   - withWorth: Whether it is said what answers of lower precision are worth, as beside a price.
  /// - Returns: The conditions that its id names.
  static func configuration(_ item: CaseRecord, withWorth: Bool = true) -> String {
    let name = item.name
    return [
      name.batch.map { "batch \($0)" }, name.sequence.map { "\($0) tokens" },
      name.inputSize.map { "\($0) pixels" }, name.classes.map { "\($0) classes" },
      name.threads.map(threads), name.isTuned ? "tuned" : nil,
      name.weights == nil ? nil : "given weights", name.engine,
      withWorth ? precision(item) : name.precision?.rawValue,
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// Which part of generating text a case is, behind a name: `, prefill`; nothing for what is none.
  static func part(_ item: CaseRecord) -> String {
    item.kind.generatesText ? ", \(item.kind.rawValue)" : ""
  }

  /// What layers multiply, and what is known of the answers: `int8, no answers were compared with
  /// labels`; nil for float32.
  static func precision(_ item: CaseRecord) -> String? {
    guard let name = item.name.precision?.rawValue else { return nil }
    return worth(item).map { "\(name), \($0)" } ?? name
  }

  /// What answers of lower precision are worth; nil for float32 and for what gives no answers.
  static func worth(_ item: CaseRecord) -> String? {
    guard item.name.precision != nil, item.kind == .infer || item.kind == .train else { return nil }
    return item.accuracy.words
  }

  /// `$0.03`: every digit that the document states, and no more.
  static func stated(_ figure: StatedFigure) -> String {
    figure.unit.hasPrefix("USD")
      ? "$" + Figure.text(figure.value) : "\(Figure.text(figure.value)) \(figure.unit)"
  }

  /// `90 epochs of ImageNet`, or `no training target`.
  static func target(_ item: CaseRecord) -> String {
    guard let target = item.derived.trainingTarget else { return "no training target" }
    return "\(Figure.text(target.epochs)) epochs of \(target.dataset)"
  }

  /// `2 threads` or `1 thread`.
  static func threads(_ count: Int) -> String { Units.count(count, "thread") }

  /// `1.41x [1.38, 1.44]`.
  static func ratio(_ ratio: Report.Ratio) -> String {
    let bounds = interval(ratio.interval)
    return "\(NumberFormat.significant(ratio.times))x" + (bounds.isEmpty ? "" : " " + bounds)
  }

  /// Why a ratio is withheld.
  static let noRatio = "the two were not interleaved often enough for an interval"

  /// `10^9` as `10⁹`, wherever it occurs.
  static func powers(_ text: String) -> String {
    text.replacing(/10\^(-?\d+)/) { match in
      "10" + (Int(match.output.1).map { Units.superscript($0) } ?? "")
    }
  }

  /// A list with commas and a final `and`.
  static func list(_ items: [String]) -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  /// A network's name as its authors write it.
  static func network(_ name: String) -> String {
    switch name {
    case "alexnet": "AlexNet"
    case "inception_v3": "Inception v3"
    case "alphago-zero-20": "AlphaGo Zero 20"
    case "alphago-zero-40": "AlphaGo Zero 40"
    case "alphazero-chess": "AlphaZero chess"
    case "gpt2": "GPT-2"
    case "gpt2-medium": "GPT-2 medium"
    case "gpt2-large": "GPT-2 large"
    case "gpt2-xl": "GPT-2 XL"
    case "gpt2-bytes": "GPT-2 over bytes"
    case "lstm-bytes": "LSTM over bytes"
    case "gpt3-layer": "a layer of GPT-3"
    case "grover-layer": "a layer of Grover-Mega"
    default: name.hasPrefix("resnet") ? "ResNet-" + name.dropFirst(6) : name
    }
  }
}

extension CaseRecord {
  /// What answers of lower precision are worth, in words; nil for float32.
  package var worth: String? { Wording.worth(self) }
}

extension Sequence where Element: Equatable {
  /// Each element once, where it first stands.
  var unique: [Element] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}

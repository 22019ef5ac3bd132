import Economics
import Harness
import Reporter
import Workloads

/// What `infer --cheapest` found: the configuration of the lowest cost that was right, by how much
/// the next is behind, and all that were measured.
struct CheapestAnswer: Encodable {
  var validity: RunValidity
  var best: CheapestSearch.Configuration
  @Nullable var usdPerBillionImages: Double?
  var usdPerMillionPositions: Double?
  /// Of what is neither an image nor a position.
  var usdPerMillionItems: Double?
  /// What the best multiplies.
  var precision: String
  /// Whether its answers were compared with labels.
  var accuracy: String
  /// They beside float32's; absent for float32, and where none were compared.
  var accuracyAgainstF32: CaseRecord.AgainstF32?
  /// Those that took turns with the best, the runner-up first.
  var followers: [CheapestSearch.Follower]
  var usdPerHour: Double
  var priceBasis: String
  var configurations: [CheapestSearch.Configuration]
  /// What has no speed, and why.
  var refusals: [CheapestSearch.Refusal]
  /// What measures the best by itself; null where it is several processes.
  @Nullable var `repeat`: String?
  static let position = WorkItem("position")
  let item: WorkItem
  let noise: Context.NoiseRecord
  let isInterrupted: Bool
  private let model: CostModel
  private let accuracies: [String: CaseRecord.Accuracy]

  private enum CodingKeys: CodingKey {
    case validity, best, usdPerBillionImages, usdPerMillionPositions, usdPerMillionItems, usdPerHour
    case priceBasis, precision, accuracy, accuracyAgainstF32, followers, configurations, refusals
    case `repeat`
  }

  /// Nil without a configuration.
  ///
  /// - Parameters:
  ///   - found: By the search.
  ///   - search: Which.
  ///   - price: Of an hour.
  ///   - accuracies: What is known of the answers in each precision, by its name.
  ///   - peers: What a command line begins with that compares external runtimes.
  ///   - noise: Of the machine meanwhile.
  init?(
    _ found: CheapestSearch.Findings, by search: CheapestSearch, at price: Price,
    accuracies: [String: CaseRecord.Accuracy], peers: String, _ noise: Context.NoiseRecord
  ) {
    guard let best = found.best else { return nil }
    let (model, isImages) = (CostModel(price: price), search.item == .image)
    (self.best, followers, refusals) = (best, found.followers, found.refusals)
    configurations = found.configurations.sorted { $0.itemsPerSecond > $1.itemsPerSecond }
    (usdPerHour, priceBasis, item) = (price.usdPerHour, price.basis, search.item)
    (self.model, self.accuracies, self.noise) = (model, accuracies, noise)
    // What external runtimes round differently was compared with no labels.
    let known = best.origin == nil ? accuracies[best.precision] : nil
    precision = best.precision
    accuracy = known?.status ?? "not evaluated"
    accuracyAgainstF32 = known?.againstF32
    isInterrupted = found.isInterrupted
    validity = RunValidity(doubts: RunValidity.ofMachine(noise))
    let usd = Self.usd(best, search.item, model)
    _usdPerBillionImages = Nullable(wrappedValue: isImages ? usd : nil)
    usdPerMillionPositions = search.item == Self.position ? usd : nil
    usdPerMillionItems = isImages || search.item == Self.position ? nil : usd
    _repeat = Nullable(wrappedValue: Self.line(for: best, search, peers: peers))
  }

  /// USD of as many items as its unit of cost has.
  func usd(_ one: CheapestSearch.Configuration) -> Double { Self.usd(one, item, model) }

  private static func usd(
    _ one: CheapestSearch.Configuration, _ item: WorkItem, _ model: CostModel
  ) -> Double {
    item == .image
      ? model.usdPerBillionImages(imagesPerSecond: one.itemsPerSecond)
      : model.usdPerMillionPositions(positionsPerSecond: one.itemsPerSecond)
  }

  /// What measures a configuration by itself; nil where no command does.
  private static func line(
    for one: CheapestSearch.Configuration, _ search: CheapestSearch, peers: String
  ) -> String? {
    guard one.instances == 1 else { return nil }
    guard one.origin == nil else {
      var line = "\(peers) --batch-size \(one.batchSize) --threads \(one.threads)"
      if !one.isFloat { line += " --precision \(one.precision)" }
      let own = search.contenders.first { $0.precision?.rawValue == one.precision }
      let calibration = own?.options[.calibration] ?? ""
      for path in calibration.split(separator: "\n") {
        line += " --calibration \(ShellWords.quoted(String(path)))"
      }
      if let bits = own?.options[.weightBits] { line += " --weight-bits \(bits)" }
      return line + " --only '^\(one.engine)$'"
    }
    let contender = search.contenders.first {
      $0.name == one.engine
        && $0.precision?.rawValue ?? CheapestSearch.Configuration.float == one.precision
    }
    return contender.map {
      search.request(
        .init($0, batchSize: one.batchSize, threads: one.threads, instances: one.instances)
      ).repeat
    }
  }

  /// What is known of the answers of a configuration, in words; nil for float32, whose answers were
  /// compared with the oracle's.
  func status(_ one: CheapestSearch.Configuration) -> String? {
    if one.isFloat { return nil }
    let own = one.origin == nil ? accuracies[one.precision] : nil
    let known = own ?? CaseRecord.Accuracy(status: "not evaluated")
    guard let beside = known.againstF32 else { return known.words }
    return (known.reason.map { $0 + ", " } ?? "") + beside.text
  }

  /// The same as records have it; empty for float32 that nobody compared.
  func recordedStatus(_ one: CheapestSearch.Configuration) -> String {
    let own = one.origin == nil ? accuracies[one.precision] : nil
    return own?.status ?? (one.isFloat ? "" : "not evaluated")
  }

  /// Those that are worth too little to be the cheapest, each with what they are worth.
  var excluded: [String] {
    accuracies.sorted { $0.key < $1.key }.compactMap { precision, known -> String? in
      guard precision != best.precision, let beside = known.againstF32,
        beside.mlperfPassed == false
      else { return nil }
      return "\(precision) was left out of the answer: \(beside.text)."
    }
  }

  /// `batch 16, 2 threads in one instance, native, int8`.
  static func words(_ one: CheapestSearch.Configuration) -> String {
    let threads = Units.count(one.threads, "thread")
    let place =
      one.instances == 1
      ? "\(threads) in one instance" : "\(threads) in each of \(one.instances) instances"
    let precision = one.isFloat ? "" : ", \(one.precision)"
    return "batch \(one.batchSize), \(place), \(one.software)\(precision)"
  }
}

extension CheapestSearch.Configuration {
  /// Its engine, with the version of what is not ours.
  var software: String {
    origin?.version.map { "\(engine) \($0)" } ?? engine
  }
}

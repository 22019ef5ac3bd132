import Economics
import Harness
import Ranks
import Reporter
import Training
import Workloads

/// A training run in words and numbers.
struct TrainingReport {
  let price: Price
  let engine: Engine
  let threads: Int
  let images: Int
  /// The accuracy to stop at, if there is one.
  let target: Double?
  let network: String

  init(
    _ training: DatasetTraining, price: Price, engine: Engine, threads: Int, images: Int,
    target: Double?
  ) {
    (self.price, self.engine, self.threads) = (price, engine, threads)
    (self.images, self.target, network) = (images, target, training.network.name)
  }

  /// Whether an epoch has reached the target; false where there is none.
  func hasReached(_ training: DatasetTraining) -> Bool {
    target.map { target in training.history.contains { $0.accuracy >= target } } ?? false
  }

  private func seconds(_ training: DatasetTraining) -> Double {
    training.history.reduce(0) { $0 + $1.seconds }
  }

  private func usd(_ training: DatasetTraining) -> Double {
    seconds(training) / 3600 * price.usdPerHour
  }

  /// That epochs had steps of several numbers of shards, whose bits are those of none of them, as
  /// gradients were added in several orders; nil where all had as many.
  func mixedShards(_ training: DatasetTraining) -> String? {
    let now = training.sharing.shards
    let others = training.history.filter { $0.shards != now }
    guard let first = others.first else { return nil }
    return "\(others.count) of \(Units.count(training.epoch, "epoch")) so far had steps of "
      + "\(Units.count(first.shards, "shard")), not \(now): the weights have the bits of neither."
  }

  /// `, 2 ranks on 1 machine` or `, 3 shards in turn`; nothing where a step is one process's.
  private func shared(_ training: DatasetTraining) -> String {
    switch training.sharing {
    case .alone: ""
    case .inTurn(let count): ", \(Units.count(count, "shard")) in turn"
    case .ranks(let group, _): ", \(group.places.sentence)"
    }
  }

  /// One line on the last epoch, with what is left and what it took so far.
  func line(_ training: DatasetTraining) -> String {
    guard let last = training.history.last else { return "" }
    let left =
      Double(training.recipe.epochs - training.epoch) * seconds(training)
      / Double(training.epoch)
    let work = training.trainingFLOPs
    return "epoch \(training.epoch)/\(training.recipe.epochs)  loss \(Units.number(last.loss))  "
      + "top-1 \(Units.percent(100 * last.accuracy, digits: 4))  \(Int(last.seconds.rounded())) s, "
      + "\(Int(left.rounded())) s left  \(Units.flop(work.count))  "
      + "\(Units.number(work.petaflopPerSecondDays)) petaflop/s-days  "
      + "\(Units.number(usd(training))) USD"
  }

  /// The whole run in a sentence: what was reached, what that took, and where it is.
  func sentence(_ training: DatasetTraining, _ folder: String) -> String {
    let best = training.history.map(\.accuracy).max() ?? 0
    let last = training.history.last?.accuracy ?? 0
    let waited =
      allReduce(training).map {
        " Steps waited \(Units.number($0.exposedMs)) ms each for the sums of gradients."
      } ?? ""
    let mixed = mixedShards(training).map { " \($0)" } ?? ""
    return "\(network) (\(engine.rawValue), \(Units.count(threads, "thread"))\(shared(training))): "
      + "top-1 \(Units.percent(100 * last, digits: 4)) after "
      + "\(Units.count(training.epoch, "epoch")) of \(Units.count(images, "image")), "
      + "best \(Units.percent(100 * best, digits: 4)); \(Units.duration(seconds(training))), "
      + "\(Units.flop(training.trainingFLOPs.count)), \(Units.usd(usd(training))) at "
      + "\(Units.usd(price.usdPerHour)) an hour (\(price.basis)); "
      + "weights and learning curve in \(folder).\(waited)\(mixed)"
  }

  /// How this rank's gradients were summed with those of others; nil for one process, and where there
  /// was no step left to take.
  private func allReduce(_ training: DatasetTraining) -> CaseRecord.AllReduce? {
    guard let reduction = training.reduction, let group = training.sharing.group,
      reduction.times.steps > 0
    else { return nil }
    return CaseRecord.AllReduce(of: reduction, in: group)
  }

  /// The whole run for programs.
  struct Summary: Encodable {
    var schema = "costcurve.training"
    var schemaVersion = 1
    var dataset = "fashion-mnist"
    var network: String
    var engine: String
    var threads: Int
    var seed: UInt32
    var batchSize: Int
    var trainImages: Int
    var epochs: [Epoch]
    var seconds: Double
    var flopDirect: Double
    var petaflopPerSecondDays: Double
    var usd: Double
    var usdPerHour: Double
    var priceBasis: String
    var reachedTarget: Bool?
    /// Parts of a step's images; absent where there is one.
    var shards: Int?
    /// Which rank tells; absent for one process.
    var rank: Int?
    /// What this rank waited for the others; absent for one process.
    var allReduce: CaseRecord.AllReduce?

    struct Epoch: Encodable {
      var epoch: Int
      var loss: Double
      var top1: Double
      var seconds: Double
      /// Absent where there was one.
      var shards: Int?
    }
  }

  func summary(_ training: DatasetTraining) -> Summary {
    Summary(
      network: network, engine: engine.rawValue, threads: threads, seed: training.recipe.seed,
      batchSize: training.recipe.batch, trainImages: images,
      epochs: training.history.enumerated().map { index, epoch in
        Summary.Epoch(
          epoch: index + 1, loss: epoch.loss, top1: epoch.accuracy, seconds: epoch.seconds,
          shards: epoch.shards == 1 ? nil : epoch.shards)
      },
      seconds: seconds(training), flopDirect: training.trainingFLOPs.count,
      petaflopPerSecondDays: training.trainingFLOPs.petaflopPerSecondDays, usd: usd(training),
      usdPerHour: price.usdPerHour, priceBasis: price.basis,
      reachedTarget: target.map { _ in hasReached(training) },
      shards: training.sharing.shards == 1 ? nil : training.sharing.shards,
      rank: training.sharing.group?.rank, allReduce: allReduce(training))
  }

  /// The entry that belongs to the learning curve.
  func dawnBenchEntry(_ training: DatasetTraining) -> DAWNBenchEntry {
    DAWNBenchEntry(
      model: network, hardware: Units.count(threads, "CPU thread"), date: ContextReader.now(),
      costPerHour: price.usdPerHour, logFilename: "epochs.tsv",
      misc: [
        "dataset": "fashion-mnist", "engine": engine.rawValue, "seed": "\(training.recipe.seed)",
        "batch_size": "\(training.recipe.batch)", "price_basis": price.basis,
      ])
  }
}

import Basics
import Economics
import Harness
import Models
import Programs
import Ranks
import Reporter
import Training
import Workloads

/// A training in words and numbers.
struct TrainingReport<Subject: ReportedTraining> {
  let training: Subject
  /// Of one machine.
  private let hourly: Price
  let engine: Engine
  let threads: Int
  /// The result of the test to stop at, if there is one.
  let target: Double?
  /// How the ranks summed the gradients of the steps that this run took; nil for one process, and
  /// where there was no step left to take.
  private var allReduce: CaseRecord.AllReduce?

  init(_ training: Subject, price: Price, engine: Engine, threads: Int, target: Double?) {
    (self.training, hourly) = (training, price)
    (self.engine, self.threads, self.target) = (engine, threads, target)
  }

  /// The report with what steps waited for, once all have been taken; called on every rank.
  ///
  /// - Throws: Where another rank hangs or has gone.
  func completed() throws(Problem) -> TrainingReport {
    guard let reduction = training.reduction, let group = training.sharing.group,
      reduction.times.steps > 0
    else { return self }
    var report = self
    report.allReduce = try CaseRecord.AllReduce.ofAll(reduction, in: group)
    return report
  }

  /// Whether an epoch has reached the target; false where there is none.
  var hasReached: Bool { target.map { training.hasReached($0) } ?? false }

  private var network: String { training.network.name }

  private var seconds: Double { training.history.reduce(0) { $0 + $1.seconds } }

  /// What the machines of each epoch cost in its time.
  private var usd: Double {
    training.history.reduce(0) { $0 + price(of: $1).usdPerHour * $1.seconds / 3600 }
  }

  /// Of as many machines as train now.
  private var price: Price { hourly.times(training.sharing.machines) }

  /// The price of the machines that an epoch ran on.
  func price(of epoch: EpochResult) -> Price { hourly.times(epoch.machines) }

  /// USD for an hour: the mean over epochs that had several numbers of machines.
  private var usdPerHour: Double {
    let hours = seconds / 3600
    return otherMachines.isEmpty || hours <= 0 ? price.usdPerHour : usd / hours
  }

  /// Machines of the epochs that ran on another number of them than train now.
  private var otherMachines: [Int] {
    training.history.map(\.machines).filter { $0 != training.sharing.machines }
  }

  /// That epochs had steps of several numbers of shards, whose bits are those of none of them, as
  /// gradients were added in several orders; nil where all had as many.
  var mixedShards: String? {
    let now = training.sharing.shards
    let others = training.history.map(\.shards).filter { $0 != now }
    return mixed(others, "so far had steps of", "shard", now: now)
      .map { "\($0): the weights have the bits of neither." }
  }

  /// That epochs ran on several numbers of machines; nil where all ran on as many as train now.
  private var mixedMachines: String? {
    mixed(otherMachines, "ran on", "machine", now: training.sharing.machines)
      .map { "\($0): each is priced by its own." }
  }

  /// `1 of 2 epochs ran on 3 machines, not 1`; nil where there are no others.
  private func mixed(_ others: [Int], _ verb: String, _ unit: String, now: Int) -> String? {
    guard let first = others.first else { return nil }
    return "\(others.count) of \(Units.count(training.epoch, "epoch")) \(verb) "
      + "\(Units.count(first, unit)), not \(now)"
  }

  /// `, 2 ranks on 1 machine` or `, 3 shards in turn`; nothing where a step is one process's.
  private var shared: String {
    switch training.sharing {
    case .alone: ""
    case .inTurn(let count): ", \(Units.count(count, "shard")) in turn"
    case .ranks(let group, _): ", \(group.places.sentence)"
    }
  }

  /// One line on the last epoch, with what is left and what it took so far.
  var line: String {
    guard let last = training.history.last else { return "" }
    let (epoch, epochs) = (training.epoch, training.recipe.epochs)
    let left = Double(epochs - epoch) * seconds / Double(epoch)
    let work = training.trainingFLOPs
    return "epoch \(epoch)/\(epochs)  "
      + "\(Subject.measure.progress(loss: last.loss, test: last.test))  "
      + "\(Int(last.seconds.rounded())) s, \(Int(left.rounded())) s left  "
      + "\(Units.flop(work.count))  \(Units.number(work.petaflopPerSecondDays)) petaflop/s-days  "
      + "\(Units.number(usd)) USD"
  }

  /// The whole run in a sentence: what was reached, what that took, and where it is.
  func sentence(_ folder: String) -> String {
    let (measure, results) = (Subject.measure, training.history.map(\.test))
    let means = training.precision == .f32 ? "" : ", \(training.precision.rawValue)"
    let waited =
      allReduce.map {
        " Steps waited \(Units.number($0.exposedMs)) ms each for the sums of gradients, "
          + "\(Units.number($0.exposedMsMost)) ms on the rank that waited longest."
      } ?? ""
    let mixed = [mixedShards, mixedMachines].compactMap { $0 }.map { " " + $0 }.joined()
    return "\(network) (\(engine.rawValue)\(means), \(Units.count(threads, "thread"))\(shared)): "
      + "\(measure.phrase(results.last ?? 0)) after \(Units.count(training.epoch, "epoch")) of "
      + "\(training.material.amount), best \(measure.figure(measure.best(of: results) ?? 0)); "
      + "\(Units.duration(seconds)), \(Units.flop(training.trainingFLOPs.count)), "
      + "\(Units.usd(usd)) at \(Units.usd(price.usdPerHour)) an hour (\(price.basis)); "
      + "weights and learning curve in \(folder).\(waited)\(mixed)"
  }

  /// The whole run for programs.
  var summary: TrainingSummary {
    let (recipe, measure) = (training.recipe, Subject.measure)
    var summary = TrainingSummary(
      network: network, engine: engine.rawValue, threads: threads, seed: recipe.seed,
      batchSize: recipe.batch,
      epochs: training.history.enumerated().map { index, epoch in
        TrainingSummary.Epoch(index + 1, epoch, measure)
      },
      seconds: seconds, flopDirect: training.trainingFLOPs.count,
      petaflopPerSecondDays: training.trainingFLOPs.petaflopPerSecondDays, usd: usd,
      usdPerHour: price.usdPerHour, priceBasis: price.basis,
      reachedTarget: target.map { _ in hasReached },
      precision: training.precision == .f32 ? nil : training.precision.rawValue,
      shards: training.sharing.shards == 1 ? nil : training.sharing.shards,
      rank: training.sharing.group?.rank, allReduce: allReduce,
      exposedMs: allReduce == nil ? nil : training.reduction?.times.ofStep.exposedMs)
    switch training.material {
    case .images(let count): (summary.dataset, summary.trainImages) = (FashionMNIST.name, count)
    case .text(let text, let sequence):
      (summary.schema, summary.text) = ("costcurve.text-training", text)
      summary.sequence = sequence
    }
    return summary
  }

  /// The entry that belongs to the learning curve; nil for a text, which DAWNBench has no form for.
  var dawnBenchEntry: DAWNBenchEntry? {
    guard case .images = training.material else { return nil }
    return DAWNBenchEntry(
      model: network, hardware: hardware, date: ContextReader.now(), costPerHour: usdPerHour,
      logFilename: "epochs.tsv",
      misc: [
        "dataset": FashionMNIST.name, "engine": engine.rawValue,
        "seed": "\(training.recipe.seed)", "batch_size": "\(training.recipe.batch)",
        "price_basis": price.basis, "precision": training.precision.rawValue,
      ])
  }

  /// `2 CPU threads`, or `3 ranks x 2 CPU threads on 3 machines`.
  private var hardware: String {
    let own = Units.count(threads, "CPU thread")
    guard let group = training.sharing.group else { return own }
    let machines = Units.count(group.places.machines, "machine")
    return "\(Units.count(group.count, "rank")) x \(own) on \(machines)"
  }
}

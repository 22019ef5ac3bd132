import Economics
import Harness
import Reporter
import Training
import Workloads

/// A training on a text in words and numbers.
struct TextTrainingReport {
  let price: Price
  let engine: Engine
  let threads: Int
  /// The loss of unseen text to stop at, in nats a byte, if there is one.
  let target: Double?

  /// Whether an epoch has reached the target; false where there is none.
  func hasReached(_ training: TextTraining) -> Bool {
    target.map { target in training.history.contains { $0.testLoss <= target } } ?? false
  }

  private func seconds(_ training: TextTraining) -> Double {
    training.history.reduce(0) { $0 + $1.seconds }
  }

  private func usd(_ training: TextTraining) -> Double {
    seconds(training) / 3600 * price.usdPerHour
  }

  /// One line on the last epoch, with what is left and what it took so far.
  func line(_ training: TextTraining) -> String {
    guard let last = training.history.last else { return "" }
    let left =
      Double(training.recipe.epochs - training.epoch) * seconds(training)
      / Double(training.epoch)
    return "epoch \(training.epoch)/\(training.recipe.epochs)  "
      + "loss \(Units.number(last.loss, digits: 4))  "
      + "unseen \(Units.number(last.testLoss, digits: 4)) nats/byte  "
      + "\(Int(last.seconds.rounded())) s, \(Int(left.rounded())) s left  "
      + "\(Units.flop(training.trainingFLOPs.count))  \(Units.number(usd(training))) USD"
  }

  /// The whole run in a sentence: what was reached, what that took, and where it is.
  func sentence(_ training: TextTraining, _ folder: String) -> String {
    let best = training.history.map(\.testLoss).min() ?? 0
    let last = training.history.last?.testLoss ?? 0
    return "\(training.network.name) (\(engine.rawValue), \(Units.count(threads, "thread"))): "
      + "\(Units.number(last, digits: 4)) nats/byte of unseen text after "
      + "\(Units.count(training.epoch, "epoch")) of "
      + "\(Units.count(training.text.train.count, "byte")), "
      + "best \(Units.number(best, digits: 4)); \(Units.duration(seconds(training))), "
      + "\(Units.flop(training.trainingFLOPs.count)), \(Units.usd(usd(training))) at "
      + "\(Units.usd(price.usdPerHour)) an hour (\(price.basis)); "
      + "weights and learning curve in \(folder)."
  }

  /// The whole run for programs; losses are nats a byte.
  struct Summary: Encodable {
    var schema = "costcurve.text-training"
    var schemaVersion = 1
    var text: TextRecord
    var network: String
    var engine: String
    var threads: Int
    var seed: UInt32
    var batchSize: Int
    var sequence: Int
    var epochs: [Epoch]
    var seconds: Double
    var flopDirect: Double
    var petaflopPerSecondDays: Double
    var usd: Double
    var usdPerHour: Double
    var priceBasis: String
    var reachedTarget: Bool?

    struct Epoch: Encodable {
      var epoch: Int
      var loss: Double
      var testLoss: Double
      var seconds: Double
    }
  }

  func summary(_ training: TextTraining) -> Summary {
    Summary(
      text: TextRecord(training.text, training.recipe), network: training.network.name,
      engine: engine.rawValue, threads: threads, seed: training.recipe.seed,
      batchSize: training.recipe.batch, sequence: training.recipe.tokens,
      epochs: training.history.enumerated().map { index, epoch in
        Summary.Epoch(
          epoch: index + 1, loss: epoch.loss, testLoss: epoch.testLoss, seconds: epoch.seconds)
      },
      seconds: seconds(training), flopDirect: training.trainingFLOPs.count,
      petaflopPerSecondDays: training.trainingFLOPs.petaflopPerSecondDays, usd: usd(training),
      usdPerHour: price.usdPerHour, priceBasis: price.basis,
      reachedTarget: target.map { _ in hasReached(training) })
  }

  /// The run in words, then epoch by epoch.
  func document(_ training: TextTraining, _ folder: String) -> Document {
    let table = DataTable(
      id: "epochs", caption: "Epochs",
      columns: [
        .init("Epoch", isNumber: true), .init("Loss", unit: "nats/byte", isNumber: true),
        .init("Unseen", unit: "nats/byte", isNumber: true),
        .init("Time", unit: "s", isNumber: true),
      ],
      rows: training.history.enumerated().map { index, epoch in
        [
          .init(count: index + 1),
          .init(Units.number(epoch.loss, digits: 4), number: epoch.loss),
          .init(Units.number(epoch.testLoss, digits: 4), number: epoch.testLoss),
          .init(Units.number(epoch.seconds), number: epoch.seconds),
        ]
      })
    return Document(
      title: "Training of \(training.network.name)",
      subtitle: TextRecord(training.text, training.recipe).words
        + ", seed \(training.recipe.seed)",
      answer: sentence(training, folder), blocks: [.table(table)])
  }

  /// One row per epoch.
  func csv(_ training: TextTraining) -> String {
    let head = [
      "text", "network", "engine", "threads", "seed", "batch_size", "sequence", "epoch", "loss",
      "test_loss", "seconds", "usd_per_hour", "price_basis",
    ]
    let recipe = training.recipe
    return CSVReport.text(
      [head]
        + training.history.enumerated().map { index, epoch in
          [
            training.text.name, training.network.name, engine.rawValue, "\(threads)",
            "\(recipe.seed)", "\(recipe.batch)", "\(recipe.tokens)", "\(index + 1)",
            "\(epoch.loss)", "\(epoch.testLoss)", "\(epoch.seconds)", "\(price.usdPerHour)",
            price.basis,
          ]
        })
  }
}

/// Which text was learned from: no path, but what tells it from any other.
struct TextRecord: Encodable {
  var bytes: Int
  var trainBytes: Int
  /// Unseen ones that each loss is of.
  var testBytes: Int
  var files: Int
  /// Of all bytes, in hexadecimal.
  var digest: String

  init(_ text: ByteText, _ recipe: TextRecipe) {
    (bytes, trainBytes, testBytes) = (text.count, text.train.count, recipe.testBytes(of: text))
    (files, digest) = (text.files, text.name)
  }

  /// `3 424 442 bytes in 700 files (text 1f2e…), 65 536 of them told unseen`.
  var words: String {
    "\(Units.grouped(bytes)) bytes in \(Units.count(files, "file")) (text \(digest)), "
      + "\(Units.grouped(testBytes)) of them told unseen"
  }
}

import Harness
import Models
import Reporter
import Training

extension Document {
  /// The losses of exact steps on given arrays, each before its step's update.
  init(losses: [Double], network: String, precision: TrainingPrecision) {
    var lead = Units.count(losses.count, "step")
    if let first = losses.first, let last = losses.last {
      lead += ": a loss of \(first) before the first, of \(last) before the last"
    }
    let table = DataTable(
      id: "losses", caption: "Loss before each step's update",
      columns: [.init("Step", isNumber: true), .init("Loss", isNumber: true)],
      rows: losses.enumerated().map { index, loss in
        [.init(count: index + 1), .init("\(loss)", number: loss)]
      })
    self.init(
      title: "Losses of \(network)",
      subtitle: "Full-batch steps on the given arrays"
        + (precision == .f32 ? "" : ", in \(precision.rawValue)"),
      answer: lead + ".", blocks: [.table(table)])
  }
}

extension TrainingReport {
  /// The run in words, then epoch by epoch.
  func document(_ training: DatasetTraining, _ folder: String) -> Document {
    let table = DataTable(
      id: "epochs", caption: "Epochs",
      columns: [
        .init("Epoch", isNumber: true), .init("Loss", isNumber: true),
        .init("Top-1", unit: "%", isNumber: true), .init("Time", unit: "s", isNumber: true),
      ],
      rows: training.history.enumerated().map { index, epoch in
        [
          .init(count: index + 1),
          .init(Units.number(epoch.loss), number: epoch.loss),
          .init(Units.number(100 * epoch.accuracy, digits: 4), number: 100 * epoch.accuracy),
          .init(Units.number(epoch.seconds), number: epoch.seconds),
        ]
      })
    return Document(
      title: "Training of \(network)", subtitle: "Fashion-MNIST, seed \(training.recipe.seed)",
      answer: sentence(training, folder), blocks: [.table(table)])
  }

  /// One row per epoch.
  func csv(_ training: DatasetTraining) -> String {
    let head = [
      "dataset", "network", "engine", "threads", "seed", "batch_size", "epoch", "loss", "top1",
      "seconds", "usd_per_hour", "price_basis",
    ]
    let recipe = training.recipe
    return CSVReport.text(
      [head]
        + training.history.enumerated().map { index, epoch in
          [
            "fashion-mnist", network, engine.rawValue, "\(threads)", "\(recipe.seed)",
            "\(recipe.batch)", "\(index + 1)", "\(epoch.loss)", "\(epoch.accuracy)",
            "\(epoch.seconds)", "\(price(of: epoch).usdPerHour)", price(of: epoch).basis,
          ]
        })
  }
}

extension EfficiencyReport {
  /// The ratio first, then every run, then what it cannot show.
  var document: Document {
    let table = DataTable(
      id: "runs", caption: "Runs",
      columns: [
        .init("Network"), .init("Year", isNumber: true), .init("Seed", isNumber: true),
        .init("Reached"), .init("Top-1", unit: "%", isNumber: true),
        .init("Epochs", isNumber: true), .init("Work", isNumber: true),
        .init("Time", isNumber: true),
      ],
      rows: networks.flatMap { entry in
        entry.runs.map { run in
          [
            .init(entry.network), .init(count: entry.year), .init(count: Int(run.seed)),
            .init(run.reached ? "yes" : "MISSED", tone: run.reached ? .good : .bad),
            .init(Units.number(100 * run.top1), number: 100 * run.top1),
            .init(Units.number(run.epochs), number: run.epochs),
            .init(Units.flop(run.flop), number: run.flop),
            .init(Units.duration(run.seconds), number: run.seconds),
          ]
        }
      })
    let images: [Document.Block] = [
      .paragraph(caveats.joined(separator: " ")), .table(table),
    ]
    return Document(
      title: networks.isEmpty ? "Operations to one loss" : "Operations to one accuracy",
      subtitle: condition, answer: answer.joined(separator: ". ") + ".",
      blocks: (networks.isEmpty ? [] : images) + (texts?.blocks ?? []))
  }

  /// One row per run.
  var csv: String {
    let head = [
      "dataset", "until_accuracy", "network", "year", "flop_per_image", "seed", "reached", "top1",
      "epochs", "images", "flop", "seconds", "batch_size", "threads", "engine", "until_loss",
      "flop_per_byte", "test_loss", "bytes",
    ]
    let images: [[String]] = networks.flatMap { entry in
      entry.runs.map { run in
        [
          dataset, "\(untilAccuracy)", entry.network, "\(entry.year)", "\(entry.flopPerImage)",
          "\(run.seed)", "\(run.reached)", "\(run.top1)", "\(run.epochs)", "\(run.images)",
          "\(run.flop)", "\(run.seconds)", "\(batchSize)", "\(threads)", engine, "", "", "", "",
        ]
      }
    }
    return CSVReport.text([head] + images + (texts.map { rows(of: $0) } ?? []))
  }

  /// The runs on a text, in the same columns.
  private func rows(of texts: TextEfficiency) -> [[String]] {
    texts.networks.flatMap { entry in
      entry.runs.map { run in
        [
          texts.text.digest, "", entry.network, "\(entry.year)", "", "\(run.seed)",
          "\(run.reached)", "", "\(run.epochs)", "", "\(run.flop)", "\(run.seconds)",
          "\(texts.batchSize)", "\(threads)", engine, "\(texts.untilLoss)",
          "\(entry.flopPerByte)", "\(run.testLoss)", "\(run.bytes)",
        ]
      }
    }
  }
}

extension TextEfficiency {
  /// What it cannot show, then every run.
  fileprivate var blocks: [Document.Block] {
    let table = DataTable(
      id: "text-runs", caption: "Runs on the text",
      columns: [
        .init("Network"), .init("Year", isNumber: true), .init("Seed", isNumber: true),
        .init("Reached"), .init("Unseen", unit: "nats/byte", isNumber: true),
        .init("Epochs", isNumber: true), .init("Work", isNumber: true),
        .init("Time", isNumber: true),
      ],
      rows: networks.flatMap { entry in
        entry.runs.map { run in
          [
            .init(entry.network), .init(count: entry.year), .init(count: Int(run.seed)),
            .init(run.reached ? "yes" : "MISSED", tone: run.reached ? .good : .bad),
            .init(Units.number(run.testLoss, digits: 4), number: run.testLoss),
            .init(Units.number(run.epochs), number: run.epochs),
            .init(Units.flop(run.flop), number: run.flop),
            .init(Units.duration(run.seconds), number: run.seconds),
          ]
        }
      })
    return [.paragraph(caveats.joined(separator: " ")), .table(table)]
  }
}

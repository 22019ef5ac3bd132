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
  func document(_ folder: String) -> Document {
    let measure = Subject.measure
    let table = DataTable(
      id: "epochs", caption: "Epochs",
      columns: [
        .init("Epoch", isNumber: true), .init("Loss", unit: measure.lossUnit, isNumber: true),
        .init(measure.title, unit: measure.unit, isNumber: true),
        .init("Time", unit: "s", isNumber: true),
      ],
      rows: training.history.enumerated().map { index, epoch in
        [
          .init(count: index + 1),
          .init(Units.number(epoch.loss, digits: measure.lossDigits), number: epoch.loss),
          measure.cell(epoch.test),
          .init(Units.number(epoch.seconds), number: epoch.seconds),
        ]
      })
    return Document(
      title: "Training of \(training.network.name)",
      subtitle: "\(training.material.words), seed \(training.recipe.seed)",
      answer: sentence(folder), blocks: [.table(table)])
  }

  /// One row per epoch.
  var csv: String {
    let run = summary
    let kind = run.text == nil ? "dataset" : "text"
    let lengths = run.sequence == nil ? [] : ["sequence"]
    let head = [kind, "network", "engine", "threads", "seed", "batch_size"] + lengths
    let result = Subject.measure.field
    let own = ["epoch", "loss", result, "seconds", "usd_per_hour", "price_basis"]
    let settings = [
      run.text?.digest ?? run.dataset ?? "", run.network, run.engine, "\(run.threads)",
      "\(run.seed)", "\(run.batchSize)",
    ]
    let sequence = run.sequence.map { ["\($0)"] } ?? []
    let rows = training.history.enumerated().map { index, epoch -> [String] in
      let figures = [
        "\(index + 1)", "\(epoch.loss)", "\(epoch.test)", "\(epoch.seconds)",
        "\(price(of: epoch).usdPerHour)", price(of: epoch).basis,
      ]
      return settings + sequence + figures
    }
    return CSVReport.text([head + own] + rows)
  }
}

extension EfficiencyReport {
  /// The ratio first, then what it cannot show, then every run.
  var document: Document {
    let images = networks.isEmpty ? [] : networks.blocks("runs", "Runs", .accuracy, caveats)
    let texts = self.texts.map { texts in
      texts.networks.blocks("text-runs", "Runs on the text", .loss, texts.caveats)
    }
    return Document(
      title: networks.isEmpty ? "Operations to one loss" : "Operations to one accuracy",
      subtitle: condition, answer: answer.joined(separator: ". ") + ".",
      blocks: images + (texts ?? []))
  }

  /// One row per run.
  var csv: String {
    let head = [
      "dataset", "until_accuracy", "network", "year", "flop_per_image", "seed", "reached", "top1",
      "epochs", "images", "flop", "seconds", "batch_size", "threads", "engine", "until_loss",
      "flop_per_byte", "test_loss", "bytes",
    ]
    let images = rows(of: networks, on: dataset, batch: batchSize, accuracy: untilAccuracy)
    let texts = self.texts.map { texts in
      rows(
        of: texts.networks, on: texts.text.digest, batch: texts.batchSize, loss: texts.untilLoss)
    }
    return CSVReport.text([head] + images + (texts ?? []))
  }

  /// Runs on images or on a text, without the figures of the other kind.
  private func rows(
    of networks: [EfficiencyEntry], on material: String, batch: Int, accuracy: Double? = nil,
    loss: Double? = nil
  ) -> [[String]] {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
    return networks.flatMap { entry in
      entry.runs.map { run -> [String] in
        let (top1, images) = (run.result(by: .accuracy), run.items(by: .accuracy))
        let (testLoss, bytes) = (run.result(by: .loss), run.items(by: .loss))
        return [
          material, text(accuracy), entry.network, "\(entry.year)", text(entry.flopPerImage),
          "\(run.seed)", "\(run.reached)", text(top1), "\(run.epochs)", text(images),
          "\(run.flop)", "\(run.seconds)", "\(batch)", "\(threads)", engine, text(loss),
          text(entry.flopPerByte), text(testLoss), text(bytes),
        ]
      }
    }
  }
}

extension [EfficiencyEntry] {
  /// What a comparison cannot show, then every run.
  fileprivate func blocks(
    _ id: String, _ caption: String, _ measure: TestMeasure, _ caveats: [String]
  ) -> [Document.Block] {
    let table = DataTable(
      id: id, caption: caption,
      columns: [
        .init("Network"), .init("Year", isNumber: true), .init("Seed", isNumber: true),
        .init("Reached"), .init(measure.title, unit: measure.unit, isNumber: true),
        .init("Epochs", isNumber: true), .init("Work", isNumber: true),
        .init("Time", isNumber: true),
      ],
      rows: flatMap { entry in
        entry.runs.map { run in
          [
            .init(entry.network), .init(count: entry.year), .init(count: Int(run.seed)),
            .init(run.reached ? "yes" : "MISSED", tone: run.reached ? .good : .bad),
            measure.cell(run.result),
            .init(Units.number(run.epochs), number: run.epochs),
            .init(Units.flop(run.flop), number: run.flop),
            .init(Units.duration(run.seconds), number: run.seconds),
          ]
        }
      })
    return [.paragraph(caveats.joined(separator: " ")), .table(table)]
  }
}

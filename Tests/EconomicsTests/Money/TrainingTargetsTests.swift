import Economics
import Harness
import TestSupport
import Testing

/// What a training costs follows from its target, and without a target it costs nothing known.
struct TrainingTargetsTests {
  let targets: TrainingTargets

  init() throws { targets = try TrainingTargets(.builtIn) }

  private func record(_ parameters: [String: JSONValue]) -> ResultRecord {
    var item = CaseRecord(
      id: "train/x/b16/t2/native", kind: .train, parameters: parameters, algorithm: "plan",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: nil),
      accuracy: .init(status: "not applicable"), processes: [], statistics: nil,
      derived: .init(), validity: .init(ok: true), repeat: "")
    item.derived.imagesPerSecond = 100
    item.derived.imagesPerSecondCi95 = [80, 125]
    return ResultRecord(context: .sample(arguments: ["train"]), cases: [item])
  }

  @Test func imagesAndAccuracyAreThoseOfTheOtherTables() throws {
    let constants = try Records.builtIn.table("constants")
    let row = constants.rows.indices.first { constants.text($0, "name") == "imagenet_train_images" }
    let images = constants.number(try #require(row), "value")
    let models = try Records.builtIn.table("model_flops_params")
    #expect(targets.networks.count == 6)
    for network in targets.networks {
      let target = try #require(targets.target(of: network))
      #expect(target.items == images && target.epochs == 90 && target.dataset == "ImageNet")
      let model = models.rows.indices.first { models.text($0, "model") == network }
      #expect(models.number(try #require(model), "acc1") == target.top1Percent)
    }
  }

  @Test func aTargetPricesTheStep() throws {
    var record = record(["network": "resnet18", "input_size": 224, "classes": 1000])
    record.setPrice(.given(usdPerHour: 0.36))
    let derived = record.cases[0].derived
    let usd = 90 * 1_281_167 / 100.0 / 3600 * 0.36
    #expect(abs((derived.usdToTrain ?? 0) / usd - 1) < 1e-12)
    #expect(derived.usdToTrainCi95?.count == 2)
    #expect(abs((derived.usdToTrainCi95?[0] ?? 0) / (usd * 0.8) - 1) < 1e-12)
    #expect(derived.trainingTarget?.top1Percent == 69.758)
  }

  /// Small networks, small images and other classes lead to nothing that has a price; what an
  /// older record says of it is taken back.
  @Test(
    arguments: [
      ["network": "resnet20", "input_size": 28, "classes": 10],
      ["network": "resnet50", "input_size": 64, "classes": 1000],
      ["network": "resnet50", "input_size": 224, "classes": 10], ["network": "mine"], [:],
    ] as [[String: JSONValue]])
  func withoutATargetThereIsNoCostToTrain(parameters: [String: JSONValue]) {
    var fresh = record(parameters)
    fresh.setPrice(.given(usdPerHour: 0.36))
    var old = record(parameters)
    (old.cases[0].derived.usdToTrain, old.cases[0].derived.usdToTrainCi95) = (1.96, [1.9, 2.1])
    old.setTrainingTargets()
    for record in [fresh, old] {
      #expect(record.cases[0].derived.usdToTrain == nil)
      #expect(record.cases[0].derived.usdToTrainCi95 == nil)
      #expect(record.cases[0].derived.trainingTarget == nil)
    }
    #expect(LocalMeasurement(old).training == nil)
  }

  @Test func aRowWithoutEpochsIsNamed() throws {
    let column = try #require(Records.builtIn.table("training_targets").index(of: "epochs"))
    let records = Records.builtIn.replacing(
      table: "training_targets", row: 0, column: column, with: "0")
    #expect {
      try TrainingTargets(records)
    } throws: { error in
      "\(error)".contains("training_targets.csv, row 2")
    }
  }
}

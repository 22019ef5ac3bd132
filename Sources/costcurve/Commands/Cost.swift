import ArgumentParser
import Economics
import Harness
import Reporter

/// `costcurve cost`: money and speed without measuring.
struct CostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cost",
    abstract: "Turn images per second into dollars and dollars into images per second.",
    discussion: """
      What would three cents for 10⁹ images take? \
      Example: costcurve cost --usd-per-billion-images 0.03 --usd-per-hour 0.34
      """)

  @Option(name: .customLong("images-per-second"), help: "Inference rate: what do 10⁹ images cost?")
  var imagesPerSecond: Double?

  @Option(
    name: .customLong("usd-per-billion-images"), help: "Cost of 10⁹ images: at which rate?")
  var usdPerBillionImages: Double?

  @Option(
    name: .customLong("train-images-per-second"), help: "Training rate: what does training cost?")
  var trainingImagesPerSecond: Double?

  @Option(name: .customLong("usd-to-train"), help: "Cost of training: at which rate?")
  var usdToTrain: Double?

  @Option(help: "Network whose training target is meant: data set, images, epochs.")
  var network = "resnet50"

  @Option(help: "Passes over the data set; those of the target unless given.")
  var epochs: Double?

  @OptionGroup var price: PriceOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let values = [
      ("--images-per-second", imagesPerSecond), ("--usd-per-billion-images", usdPerBillionImages),
      ("--train-images-per-second", trainingImagesPerSecond), ("--usd-to-train", usdToTrain),
      ("--epochs", epochs),
    ]
    for (flag, value) in values {
      guard let value, !(1e-12...1e18).contains(value) else { continue }
      throw ValidationError("\(flag) needs a number above 0, not \(value).")
    }
    try price.refuseElectricityAlone()
  }

  func run() throws {
    try output.refuseUnwritable()
    let records = try data.records()
    var target = try TrainingTargets(records).target(named: network)
    if let epochs { target.epochs = epochs }
    var question = CostQuestion(price: try price.listPrice(records), target: target)
    question.imagesPerSecond = imagesPerSecond
    question.usdPerBillionImages = usdPerBillionImages
    question.trainingImagesPerSecond = trainingImagesPerSecond
    question.usdToTrain = usdToTrain
    let answer = CostAnswer(price: question.price, lines: try question.answer(records))
    try output.emit(answer.document, json: answer, csv: answer.csv)
  }
}

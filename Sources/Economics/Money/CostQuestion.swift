import Harness

/// A question about money and speed that needs no measuring, and its answer line by line.
package struct CostQuestion: Hashable, Sendable {
  /// Inference rate in images/s, of which the cost is asked.
  package var imagesPerSecond: Double?
  /// USD for 10⁹ images, of which the rate is asked.
  package var usdPerBillionImages: Double?
  /// Training rate in images/s, of which the cost is asked.
  package var trainingImagesPerSecond: Double?
  /// USD to train, of which the rate is asked.
  package var usdToTrain: Double?
  /// What a training is carried to.
  package var target: TrainingTarget
  package var price: Price

  package init(price: Price, target: TrainingTarget) { (self.price, self.target) = (price, target) }

  package struct Line: Codable, Hashable, Sendable {
    package var label: String
    package var value: Double
    package var unit: String
    package var note: String
  }

  /// The answer; the claimed and recorded costs where nothing was asked.
  ///
  /// - Throws: `Problem` where the records cannot be read.
  package func answer(_ records: Records = .builtIn) throws -> [Line] {
    var lines: [Line] = []
    if let imagesPerSecond { lines += cost(ofRate: imagesPerSecond) }
    if let usdPerBillionImages { lines += try need(ofCost: usdPerBillionImages, records) }
    if let trainingImagesPerSecond { lines += cost(ofTrainingRate: trainingImagesPerSecond) }
    if let usdToTrain { lines.append(need(ofTrainingCost: usdToTrain, "")) }
    return lines.isEmpty ? try ladder(records) : lines
  }

  private var model: CostModel { CostModel(price: price) }

  private func cost(ofRate rate: Double) -> [Line] {
    [
      Line(
        label: "10⁹ images", value: model.usdPerBillionImages(imagesPerSecond: rate), unit: "USD",
        note: "at \(Figure.text(rate)) images/s"),
      Line(
        label: "one image", value: model.usdPerItem(itemsPerSecond: rate), unit: "USD",
        note: ""),
      Line(
        label: "time for 10⁹ images", value: 1e9 / rate / 86_400, unit: "days",
        note: "on one such machine"),
    ]
  }

  private func need(ofCost usd: Double, _ records: Records) throws -> [Line] {
    let rate = model.imagesPerSecond(usdPerBillionImages: usd)
    let perUSD = CostModel.pflopsPerUSDPerHour(usdPerBillionImages: usd)
    var lines = [
      Line(
        label: "rate that \(Figure.text(usd)) USD per 10⁹ images takes", value: rate,
        unit: "images/s", note: "at this price"),
      Line(
        label: "that rate in ResNet-50 arithmetic",
        value: rate * CostModel.resnet50ForwardFlop / 1e15, unit: "PFLOP/s",
        note: "8.178×10⁹ FLOP an image, forward"),
      Line(
        label: "speed per price, whatever the price", value: perUSD, unit: "PFLOP/s per USD/h",
        note: ""),
    ]
    if let (entry, ideal) = try PriceCatalogue.bestAccelerator(records) {
      lines.append(
        Line(
          label: "the same of an H100 at its INT8 peak", value: ideal, unit: "PFLOP/s per USD/h",
          note: "\(entry.instance) at \(entry.usdPerHour) USD/h, \(entry.asOf); "
            + "\(Units.ratio(perUSD / ideal)) short of it"))
    }
    return lines
  }

  private func cost(ofTrainingRate rate: Double) -> [Line] {
    [
      Line(
        label: "\(target.dataset) for \(Figure.text(target.epochs)) epochs",
        value: model.usdToTrain(imagesPerSecond: rate, target: target), unit: "USD",
        note: "at \(Figure.text(rate)) images/s; extrapolated from the rate"),
      Line(
        label: "time to train", value: target.itemsToTrain / rate / 86_400,
        unit: "days", note: "on one such machine"),
    ]
  }

  private func need(ofTrainingCost usd: Double, _ source: String) -> Line {
    Line(
      label: "training rate that \(Figure.text(usd)) USD takes",
      value: model.trainingImagesPerSecond(usd: usd, target: target), unit: "images/s",
      note: (source.isEmpty ? "" : source + ", ")
        + "\(Figure.text(target.epochs)) epochs of \(target.dataset) at this price")
  }

  /// What the claimed costs and the records would take at this price.
  private func ladder(_ records: Records) throws -> [Line] {
    let claims = try Claims.load(records)
    func claimed(_ id: String) -> [(usd: Double, source: String)] {
      claims.filter { $0.id == id }.compactMap { claim in
        claim.numbers["usd"].map { ($0.value, "claimed for \($0.when ?? "an unstated year")") }
      }
    }
    let best = Frontier(try PublicRecord.inferenceCosts(records)).points
    let inference =
      claimed("inference-cost-1b-start")
      + best.map { ($0.value, "DAWNBench's best on \($0.date)") }
      + claimed("inference-cost-1b-end")
    let training = ["2017", "2019", "1usd-projection"].flatMap {
      claimed("train-cost-resnet50-\($0)")
    }
    return inference.map { usd, source in
      Line(
        label: "rate that \(Figure.text(usd)) USD per 10⁹ images takes",
        value: model.imagesPerSecond(usdPerBillionImages: usd), unit: "images/s", note: source)
    } + training.map { need(ofTrainingCost: $0.usd, $0.source) }
  }
}

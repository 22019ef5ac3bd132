/// What a training is carried to: the passes over a data set that give a network its accuracy.
///
/// Where a network has none, no time and no money leads from the rate of its steps to a trained
/// network.
package struct TrainingTarget: Codable, Hashable, Sendable {
  /// Name of the data set, such as `ImageNet`.
  package var dataset: String
  /// Items of one epoch, such as images; above 0.
  package var items: Double
  /// Passes over the data set, above 0.
  package var epochs: Double
  /// The accuracy that they give on the test set, in percent.
  package var top1Percent: Double

  package init(dataset: String, items: Double, epochs: Double, top1Percent: Double) {
    precondition(items > 0 && epochs > 0, "a target of \(epochs) epochs of \(items) items is none")
    (self.dataset, self.items, self.epochs) = (dataset, items, epochs)
    self.top1Percent = top1Percent
  }

  package var itemsToTrain: Double { epochs * items }
}

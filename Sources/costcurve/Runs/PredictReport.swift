import Foundation
import Harness
import Models
import Training

/// What `predict` says on standard output.
struct PredictReport: Encodable {
  var schema = "costcurve.predict"
  var schemaVersion = 1
  var network: String
  var weights: String
  /// What stood before every name in the weight file and was left out.
  var weightsPrefix: String?
  var engine: String
  var images: Int
  var classes: Int
  var output: String
  var accuracy: Shares

  /// Shares of right guesses; null where no labels were given.
  struct Shares: Encodable {
    var status: String
    @Nullable var top1: Double?
    @Nullable var top5: Double?

    init(_ accuracy: Accuracy?) {
      status = accuracy == nil ? "not evaluated" : "evaluated"
      (top1, top5) = (accuracy?.top1Share, accuracy?.top5Share)
    }
  }

  init(_ prediction: Prediction, weights: String, output: String, accuracy: Accuracy?) {
    let model = prediction.model
    (network, classes) = (model.network.name, model.network.classes)
    (self.weights, self.output) = (weights, output)
    weightsPrefix = model.weightsPrefix.isEmpty ? nil : model.weightsPrefix
    (engine, images) = (prediction.engine.rawValue, prediction.images.count)
    self.accuracy = Shares(accuracy)
  }

  var text: String {
    var lines = "\(images) images, \(classes) classes by \(network) (\(engine)) -> \(output)\n"
    if let top1 = accuracy.top1, let top5 = accuracy.top5 {
      lines += String(format: "top-1 %.2f %%, top-5 %.2f %%\n", 100 * top1, 100 * top5)
    } else {
      lines += "accuracy: not evaluated (give --labels)\n"
    }
    return lines
  }
}

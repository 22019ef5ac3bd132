/// An entry in DAWNBench's form, <https://github.com/stanford-futuredata/dawn-bench-entries>: of
/// training where it has a price per hour, of inference where it has a latency.
///
/// Author and code are for whoever submits it to fill in.
package struct DAWNBenchEntry: Encodable {
  var version = "v1.0"
  var author = ""
  var authorEmail = ""
  var framework = "costcurve"
  var codeURL = ""
  var model: String
  var hardware: String
  var costPerHour: Double?
  /// Milliseconds for an image.
  var latency: Double?
  /// USD for an image.
  var cost: Double?
  var top5Accuracy: Double?
  var timestamp: String
  var logFilename: String?
  var misc: [String: String]

  /// What is nil is left out of the form.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - hardware: As a reader knows it.
  ///   - date: ISO 8601; its day is taken.
  ///   - costPerHour: USD for an hour of training.
  ///   - latency: Milliseconds for an image.
  ///   - cost: USD for an image.
  ///   - top5Accuracy: Share of the images, 0 to 1.
  ///   - logFilename: The file beside it that holds the epochs of a training run.
  ///   - misc: What the form has no field for.
  package init(
    model: String, hardware: String, date: String, costPerHour: Double? = nil,
    latency: Double? = nil, cost: Double? = nil, top5Accuracy: Double? = nil,
    logFilename: String? = nil, misc: [String: String]
  ) {
    (self.model, self.hardware, self.misc) = (model, hardware, misc)
    timestamp = String(date.prefix(10))
    (self.costPerHour, self.logFilename) = (costPerHour, logFilename)
    (self.latency, self.cost, self.top5Accuracy) = (latency, cost, top5Accuracy)
  }

  /// The entry as the file that is submitted.
  package func text() throws -> String { try ExportFormat.encode(self) }
}

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

  /// - Parameters:
  ///   - model: The network.
  ///   - hardware: As a reader knows it.
  ///   - date: ISO 8601; its day is taken.
  ///   - misc: What the form has no field for.
  package init(model: String, hardware: String, date: String, misc: [String: String]) {
    (self.model, self.hardware, self.misc) = (model, hardware, misc)
    timestamp = String(date.prefix(10))
  }

  /// The same entry for a training run whose epochs stand in a file beside it.
  package func training(costPerHour: Double, log: String) -> DAWNBenchEntry {
    var entry = self
    (entry.costPerHour, entry.logFilename) = (costPerHour, log)
    return entry
  }
}

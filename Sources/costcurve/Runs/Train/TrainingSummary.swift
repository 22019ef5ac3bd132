import Harness
import Training

/// A training for programs: shares are 0 to 1, losses of a text nats a byte.
struct TrainingSummary: Encodable {
  var schema = "costcurve.training"
  var schemaVersion = 1
  /// Absent for a text.
  var dataset: String?
  /// Absent for a data set.
  var text: TextRecord?
  var network: String
  var engine: String
  var threads: Int
  var seed: UInt32
  var batchSize: Int
  /// Bytes of a sequence; absent for a data set.
  var sequence: Int?
  /// Absent for a text.
  var trainImages: Int?
  var epochs: [Epoch]
  var seconds: Double
  var flopDirect: Double
  var petaflopPerSecondDays: Double
  var usd: Double
  var usdPerHour: Double
  var priceBasis: String
  var reachedTarget: Bool?
  /// Absent for float32.
  var precision: String?
  /// Parts of a step's images; absent where there is one.
  var shards: Int?
  /// Which rank tells; absent for one process.
  var rank: Int?
  /// Of the steps that this run took, over all ranks; absent for one process.
  var allReduce: CaseRecord.AllReduce?
  /// Milliseconds of such a step that this rank waited for sums; absent for one process.
  var exposedMs: Double?

  struct Epoch: Encodable {
    var epoch: Int
    var loss: Double
    /// Absent for a text.
    var top1: Double?
    /// Absent for a data set.
    var testLoss: Double?
    var seconds: Double
    /// Absent where there was one.
    var shards: Int?
    /// That it ran on; absent where there was one.
    var machines: Int?

    /// Takes the result of an epoch, the first of which is number 1.
    init(_ number: Int, _ result: EpochResult, _ measure: TestMeasure) {
      (epoch, loss, seconds) = (number, result.loss, result.seconds)
      top1 = measure == .accuracy ? result.test : nil
      testLoss = measure == .loss ? result.test : nil
      shards = result.shards == 1 ? nil : result.shards
      machines = result.machines == 1 ? nil : result.machines
    }
  }
}

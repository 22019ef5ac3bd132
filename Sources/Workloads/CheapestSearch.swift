import Basics
import Foundation
import Harness

/// The lowest cost of an image, or of what else a network handles, on a machine: batch size,
/// threads, and instances side by side.
package struct CheapestSearch: Sendable {
  /// One way to use the machine.
  package struct Configuration: Codable, Hashable, Sendable {
    package var batchSize: Int
    package var threads: Int
    /// Processes that run at the same time.
    package var instances: Int
    /// Of all instances together; null where something else than images is handled.
    @Nullable package var imagesPerSecond: Double?
    /// The interval of the same.
    @Nullable package var imagesPerSecondCi95: [Double]?
    package var itemsPerSecond: Double
    /// From block means of each instance's process, the ends added up, so rather too wide than too
    /// narrow; null where an instance gave too few samples.
    @Nullable package var itemsPerSecondCi95: [Double]?
    package var peakMemoryBytes: Int
  }

  /// The network's name, or that of the model of a file, which the options name.
  package var network: String
  /// What it handles.
  package var item: WorkItem
  package var engine: Engine
  /// What layers multiply; nil for float32.
  package var precision: CaseID.Precision?
  package var options: [CaseOptions.Key: String]
  package var threads: Int
  package var batches: [Int]
  /// Seconds of one configuration.
  package var seconds: Double
  /// The worker of every instance.
  package var launch = WorkerLaunch.own
  /// Seconds that an instance which is ready waits for the others: what they may take to get ready.
  package var patience = 480.0

  package init(
    network: String, item: WorkItem = .image, engine: Engine, options: [CaseOptions.Key: String],
    threads: Int,
    batches: [Int] = [1, 2, 4, 8, 16, 32], seconds: Double
  ) {
    (self.network, self.item) = (network, item)
    (self.engine, self.options) = (engine, options)
    (self.threads, self.batches, self.seconds) = (threads, batches, seconds)
  }

  /// Every batch size with all threads in one instance, and with one thread in each of as many
  /// instances as there are threads.
  package var candidates: [(batch: Int, threads: Int, instances: Int)] {
    batches.flatMap { batch in
      threads == 1 ? [(batch, 1, 1)] : [(batch, threads, 1), (batch, 1, threads)]
    }
  }

  /// Measures one configuration, its answer compared with the oracle's first; all its instances run
  /// for the same span.
  ///
  /// - Parameters:
  ///   - candidate: One of `candidates`.
  ///   - cancel: Ends the workers.
  /// - Returns: The summed rate.
  /// - Throws: The first instance's `Problem`, `wrongAnswer` where its answer is another.
  package func measure(
    _ candidate: (batch: Int, threads: Int, instances: Int), cancel: CancelFlag
  ) throws(Problem) -> Configuration {
    let request = CaseSuite.network(
      .infer, name: network, batch: candidate.batch, threads: candidate.threads, engine: engine,
      options: options, precision: precision)
    let launch = launch
    let seconds = seconds
    let group = InstanceGroup(count: candidate.instances, patience: patience, cancel: cancel)
    let results = try group.run { (start) throws(Problem) -> CaseRecord.ProcessSamples in
      let client = try WorkerClient(launch, cancel: group.cancel)
      defer { client.quit() }
      try client.prepare(request)
      guard try client.check().status != .failed else {
        throw Problem(.wrongAnswer, "\(request.id): wrong answer, so no price")
      }
      _ = try client.run(samples: 1)
      try start()
      return try client.run(samples: 1_000_000, seconds: seconds)
    }
    var rate = 0.0
    var (low, high): (Double?, Double?) = (0, 0)
    var bytes = 0
    for samples in results {
      let images = Double(candidate.batch) * 1e9
      rate += images / Quantile.median(of: samples.samplesNs)
      let interval = Interval.blocks(samples.samplesNs, confidence: 0.95)
      low = low.flatMap { sum in interval.map { sum + images / $0.high } }
      high = high.flatMap { sum in interval.map { sum + images / $0.low } }
      bytes += samples.peakMemoryBytes ?? 0
    }
    let interval = low.flatMap { low in high.map { [low, $0] } }
    let isImages = item == .image
    return Configuration(
      batchSize: candidate.batch, threads: candidate.threads, instances: candidate.instances,
      imagesPerSecond: isImages ? rate : nil, imagesPerSecondCi95: isImages ? interval : nil,
      itemsPerSecond: rate, itemsPerSecondCi95: interval, peakMemoryBytes: bytes)
  }
}

import Foundation
import Harness
import Synchronization

/// The lowest cost of an image on a machine: batch size, threads, and instances side by side.
package struct CheapestSearch: Sendable {
  /// One way to use the machine.
  package struct Configuration: Codable, Hashable, Sendable {
    package var batchSize: Int
    package var threads: Int
    /// Processes that run at the same time.
    package var instances: Int
    /// Of all instances together.
    package var imagesPerSecond: Double
    package var peakMemoryBytes: Int
  }

  package var network: String
  package var engine: Engine
  package var options: [CaseOptions.Key: String]
  package var threads: Int
  package var batches: [Int]
  /// Seconds of one configuration.
  package var seconds: Double

  package init(
    network: String, engine: Engine, options: [CaseOptions.Key: String], threads: Int,
    batches: [Int] = [1, 2, 4, 8, 16, 32], seconds: Double
  ) {
    (self.network, self.engine, self.options) = (network, engine, options)
    (self.threads, self.batches, self.seconds) = (threads, batches, seconds)
  }

  /// Every batch size with all threads in one instance, and with one thread in each of as many
  /// instances as there are threads.
  package var candidates: [(batch: Int, threads: Int, instances: Int)] {
    batches.flatMap { batch in
      threads == 1 ? [(batch, 1, 1)] : [(batch, threads, 1), (batch, 1, threads)]
    }
  }

  /// Measures one configuration; all its instances run for the same span.
  ///
  /// - Parameters:
  ///   - candidate: One of `candidates`.
  ///   - cancel: Ends the workers.
  /// - Returns: The summed rate.
  /// - Throws: The first instance's `WorkerError`.
  package func measure(
    _ candidate: (batch: Int, threads: Int, instances: Int), cancel: CancelFlag
  ) throws(WorkerError) -> Configuration {
    let request = CaseSuite.network(
      .infer, name: network, batch: candidate.batch, threads: candidate.threads, engine: engine,
      options: options)
    let ready = Atomic<Int>(0)
    let results = Mutex<[Result<CaseRecord.ProcessSamples, WorkerError>]>([])
    // A worker lives on the thread that made it, so every instance gets a thread of its own.
    DispatchQueue.concurrentPerform(iterations: candidate.instances) { _ in
      let result = Result { () throws(WorkerError) -> CaseRecord.ProcessSamples in
        defer { ready.add(1, ordering: .acquiringAndReleasing) }
        let client = try WorkerClient(cancel: cancel)
        defer { client.quit() }
        try client.prepare(request)
        _ = try client.run(samples: 1)
        ready.add(1, ordering: .acquiringAndReleasing)
        while ready.load(ordering: .acquiring) < candidate.instances { usleep(200) }
        return try client.run(samples: 1_000_000, seconds: seconds)
      }
      results.withLock { $0.append(result) }
    }
    var rate = 0.0
    var bytes = 0
    for result in results.withLock({ $0 }) {
      let samples = try result.get()
      rate += Double(candidate.batch) * 1e9 / Quantile.median(of: samples.samplesNs)
      bytes += samples.peakMemoryBytes ?? 0
    }
    return Configuration(
      batchSize: candidate.batch, threads: candidate.threads, instances: candidate.instances,
      imagesPerSecond: rate, peakMemoryBytes: bytes)
  }
}

import Basics
import Harness

extension CheapestSearch {
  /// What is right for a case of ours, found once for all processes that compute it.
  final class Checker {
    private var client: WorkerClient?
    /// The executable that `client` runs.
    private var executable: String?
    private let cancel: CancelFlag

    init(cancel: CancelFlag) { self.cancel = cancel }

    deinit { client?.quit() }

    /// Compares the answer of a case with the oracle's.
    ///
    /// - Parameters:
    ///   - request: A case of ours.
    ///   - launch: The worker that computes it.
    /// - Returns: The digest of its outputs, which every other process has to give; nil where the
    ///   worker tells none.
    /// - Throws: `wrongAnswer`, or why it has no answer.
    func checksum(
      of request: CaseRequest, by launch: WorkerLaunch
    ) throws(Problem) -> String? {
      do throws(Problem) {
        let worker = try self.worker(launch)
        try worker.prepare(request)
        let checksum = try worker.checksum()
        try CheapestSearch.refuseWrong(try worker.check(), of: request)
        // It waits while others are timed.
        worker.park()
        return checksum
      } catch {
        // One that crashed is of no more use, and one that refused holds memory for nothing.
        client?.quit()
        client = nil
        throw error
      }
    }

    private func worker(_ launch: WorkerLaunch) throws(Problem) -> WorkerClient {
      if let client, executable == launch.executable { return client }
      client?.quit()
      let started = try WorkerClient(launch, cancel: cancel)
      (client, executable) = (started, launch.executable)
      return started
    }
  }

  /// Measures a candidate, its answer compared with the oracle's first; all its instances run for
  /// the same span.
  ///
  /// - Parameters:
  ///   - candidate: One of `candidates`.
  ///   - files: What an external runtime is given.
  ///   - cancel: Ends the workers.
  /// - Returns: The summed rate.
  /// - Throws: The first instance's `Problem`, `wrongAnswer` where its answer is another.
  package func measure(
    _ candidate: Candidate, files: [String: String] = [:], cancel: CancelFlag
  ) throws(Problem) -> Configuration {
    let request = self.request(candidate, files: files)
    let launch = candidate.contender.launch
    var expected: String?
    if !launch.isForeign {
      expected = try Checker(cancel: cancel).checksum(of: request, by: launch)
    }
    return try measure(candidate, request, expecting: expected, cancel: cancel)
  }

  /// The same with an answer that was found right before, or that the worker compares by itself.
  func measure(
    _ candidate: Candidate, _ request: CaseRequest, expecting expected: String?, cancel: CancelFlag
  ) throws(Problem) -> Configuration {
    let launch = candidate.contender.launch
    let seconds = seconds
    let group = InstanceGroup(count: candidate.instances, patience: patience, cancel: cancel)
    let results = try group.run { (start) throws(Problem) -> Instance in
      let client = try WorkerClient(launch, cancel: group.cancel)
      defer { client.quit() }
      let prepared = try client.prepare(request)
      if launch.isForeign {
        try Self.refuseWrong(try client.check(), of: request)
      } else if let expected, let found = try client.checksum(), found != expected {
        throw Problem(
          .wrongAnswer,
          "\(request.id): a timed process computed other outputs than the checked one")
      }
      _ = try client.run(samples: 1)
      try start()
      let samples = try client.run(samples: 1_000_000, seconds: seconds)
      return Instance(prepared: prepared, samples: samples)
    }
    return configuration(candidate, results)
  }

  /// One process of a candidate.
  struct Instance: Sendable {
    var prepared: PreparedCase
    var samples: CaseRecord.ProcessSamples
  }

  /// Adds up what instances gave that ran side by side.
  private func configuration(_ candidate: Candidate, _ results: [Instance]) -> Configuration {
    var rate = 0.0
    var (low, high): (Double?, Double?) = (0, 0)
    var bytes = 0
    for instance in results {
      let samples = instance.samples
      let items = Double(instance.prepared.imagesPerCall ?? candidate.batchSize) * 1e9
      rate += items / Quantile.median(of: samples.samplesNs)
      let interval = Interval.blocks(samples.samplesNs, confidence: 0.95)
      low = low.flatMap { sum in interval.map { sum + items / $0.high } }
      high = high.flatMap { sum in interval.map { sum + items / $0.low } }
      bytes += samples.peakMemoryBytes ?? 0
    }
    return Configuration(
      candidate, origin: results.first?.prepared.origin, item: item, rate: rate,
      interval: low.flatMap { low in high.map { [low, $0] } }, rounds: 1, bytes: bytes)
  }

  private static func refuseWrong(
    _ correctness: CaseRecord.Correctness, of request: CaseRequest
  ) throws(Problem) {
    guard correctness.status != .failed else {
      throw Problem(.wrongAnswer, "\(request.id): wrong answer, so no price")
    }
  }
}

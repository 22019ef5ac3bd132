import Harness

/// The lowest cost of an image, or of what else a network handles, on a machine: who computes it in
/// which precision, batch size, threads, and instances side by side.
package struct CheapestSearch: Sendable {
  /// The network's name, or that of the model of a file, which the options name.
  package var network: String
  /// What it handles.
  package var item: WorkItem
  /// Who computes it, each in one precision.
  package var contenders: [Contender]
  package var threads: Int
  package var batches: [Int]
  /// Seconds of one configuration in one process.
  package var seconds: Double
  /// How often the cheapest few are measured again, in turns and in fresh processes.
  package var rounds = 5
  /// Fixes the order of these.
  package var seed: UInt64 = 1
  /// Seconds that an instance which is ready waits for the others: what they may take to get ready.
  package var patience = 480.0

  package init(
    network: String, item: WorkItem = .image, contenders: [Contender], threads: Int,
    batches: [Int] = [1, 2, 4, 8, 16, 32], seconds: Double
  ) {
    (self.network, self.item, self.contenders) = (network, item, contenders)
    (self.threads, self.batches, self.seconds) = (threads, batches, seconds)
  }

  /// An engine of ours or an external runtime, in one precision.
  package struct Contender: Hashable, Sendable {
    /// As ids end.
    package var name: String
    /// What layers multiply; nil for float32.
    package var precision: CaseID.Precision?
    /// What its cases are prepared with.
    package var options: [CaseOptions.Key: String]
    /// The worker of every instance.
    package var launch: WorkerLaunch

    /// An engine of ours.
    package init(
      _ engine: Engine, precision: CaseID.Precision? = nil,
      options: [CaseOptions.Key: String] = [:], launch: WorkerLaunch = .own
    ) {
      (name, self.precision, self.options) = (engine.rawValue, precision, options)
      self.launch = launch
    }

    /// An external runtime, which is given files instead of options.
    package init(_ arm: Arm, precision: CaseID.Precision? = nil) {
      (name, self.precision, launch) = (arm.name, precision, arm.launch)
      options = [:]
    }
  }

  /// One way to use the machine, before it is measured.
  package struct Candidate: Hashable, Sendable {
    package var contender: Contender
    package var batchSize: Int
    package var threads: Int
    /// Processes that run at the same time.
    package var instances: Int

    package init(_ contender: Contender, batchSize: Int, threads: Int, instances: Int) {
      (self.contender, self.batchSize) = (contender, batchSize)
      (self.threads, self.instances) = (threads, instances)
    }
  }

  /// Every precision and batch size, by everybody, with all threads in one instance, and with one
  /// thread in each of as many instances as there are threads.
  ///
  /// What has the same right answer stands together, so that this is found once.
  package var candidates: [Candidate] {
    var precisions: [CaseID.Precision?] = []
    for contender in contenders where !precisions.contains(contender.precision) {
      precisions.append(contender.precision)
    }
    let layouts = threads == 1 ? [(1, 1)] : [(threads, 1), (1, threads)]
    var candidates: [Candidate] = []
    for precision in precisions {
      for batch in batches {
        for (threads, instances) in layouts {
          for contender in contenders where contender.precision == precision {
            candidates.append(
              Candidate(contender, batchSize: batch, threads: threads, instances: instances))
          }
        }
      }
    }
    return candidates
  }

  /// The case of a candidate, for one instance.
  ///
  /// - Parameters:
  ///   - candidate: Of this search.
  ///   - files: What an external runtime is given.
  /// - Returns: What its worker prepares.
  package func request(
    _ candidate: Candidate, files: [String: String] = [:]
  ) -> CaseRequest {
    let contender = candidate.contender
    var request = CaseSuite.network(
      .infer, name: network, batch: candidate.batchSize, threads: candidate.threads,
      engine: Engine(rawValue: contender.name) ?? .standard, options: contender.options,
      precision: contender.precision)
    request.id = CaseID.id(request.id, by: contender.name)
    request.options.merge(files) { _, new in new }
    return request
  }
}

import Basics
import Economics
import Harness
import Workloads

extension InferCommand {
  /// Cases that one session may have.
  private static let mostCases = 256

  /// Whether several batch sizes or thread counts are asked for.
  var isSweep: Bool {
    work.network.givenBatchSize?.isList == true || threads.threads?.isList == true
  }

  /// The cases to measure: every batch size with every thread count, mostly one of each.
  ///
  /// - Parameters:
  ///   - subject: What infers.
  ///   - engine: By which.
  /// - Returns: At least one.
  /// - Throws: Usage for threads that there are not, or for too many cases; what tuning throws.
  func requests(of subject: WorkSubject, by engine: Engine) throws -> [CaseRequest] {
    let counts = try threads.counts()
    let given = work.network.givenBatchSize
    let batches =
      counting.scenario == nil
      ? given?.numbers ?? [subject.fixedBatch ?? 1] : [counting.batch(of: subject, given: given)]
    guard batches.count * counts.count <= Self.mostCases else {
      throw Problem(
        .usage,
        "--batch-size and --threads ask for \(Units.grouped(batches.count * counts.count)) cases; "
          + "\(Self.mostCases) are the most.")
    }
    return try batches.flatMap { batch in
      try counts.map { count in
        try request(of: subject, by: engine, batch: batch, threads: count)
      }
    }
  }

  private func request(
    of subject: WorkSubject, by engine: Engine, batch: Int, threads: Int
  ) throws -> CaseRequest {
    var options = work.caseOptions(seed: measure.seed)
    if autotune { options = try tuned(options, subject, engine, batch: batch, threads: threads) }
    var request = CaseSuite.network(
      .infer, name: subject.name, batch: batch, threads: threads, engine: engine, options: options)
    request.repeat += counting.flags(duration: measure.duration)
    return request
  }

  /// The session that measures the cases, as the scenario asks where there is one.
  ///
  /// - Parameters:
  ///   - subject: What infers.
  ///   - price: Of an hour.
  /// - Returns: The session.
  /// - Throws: A history that cannot be written.
  func session(for subject: WorkSubject, at price: Price) throws -> Session {
    var session = try Session(measure: measure, price: price, output: output)
    session.hints = subject.hints
    guard let scenario = counting.value else { return session }
    session.scenario = scenario
    session.preset = scenario.preset(
      session.preset, batch: counting.batch(of: subject, given: work.network.givenBatchSize),
      processes: measure.processes)
    return session
  }
}

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

  /// The batch sizes to measure, each with every thread count; mostly one.
  ///
  /// - Parameters:
  ///   - subject: What infers.
  ///   - counts: Of threads.
  /// - Returns: At least one.
  /// - Throws: Usage for too many cases.
  func batches(of subject: WorkSubject, threads counts: [Int]) throws(Problem) -> [Int] {
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
    return batches
  }

  /// One case to measure.
  ///
  /// - Parameters:
  ///   - subject: What infers.
  ///   - engine: By which.
  ///   - options: What its id does not say.
  ///   - batch: Items handled together.
  ///   - threads: That it runs on.
  /// - Returns: The case.
  /// - Throws: What tuning throws.
  func request(
    of subject: WorkSubject, by engine: Engine, _ options: [CaseOptions.Key: String], batch: Int,
    threads: Int
  ) throws -> CaseRequest {
    var options = options
    if autotune { options = try tuned(options, subject, engine, batch: batch, threads: threads) }
    var request = CaseSuite.network(
      .infer, name: subject.name, batch: batch, threads: threads, engine: engine, options: options,
      precision: precision.precision.inIDs)
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

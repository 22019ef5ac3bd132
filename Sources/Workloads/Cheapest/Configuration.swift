import Basics
import Harness

extension CheapestSearch {
  /// One way to use the machine, and what it gave.
  package struct Configuration: Codable, Hashable, Sendable {
    /// An engine of ours, or an external runtime.
    package var engine: String
    /// The software of others that it is; null where it is ours.
    @Nullable package var origin: CaseRecord.Origin?
    /// What layers multiply.
    package var precision: String
    package var batchSize: Int
    package var threads: Int
    /// Processes that run at the same time.
    package var instances: Int
    /// Of all instances together; null where something else than images is handled.
    @Nullable package var imagesPerSecond: Double?
    /// The interval of the same.
    @Nullable package var imagesPerSecondCi95: [Double]?
    package var itemsPerSecond: Double
    /// Over fresh processes where it was measured again; else from block means of each instance's
    /// process, the ends added up, so rather too wide than too narrow; null where an instance gave
    /// too few samples.
    @Nullable package var itemsPerSecondCi95: [Double]?
    /// How often it was measured, each time in fresh processes.
    package var rounds: Int
    package var peakMemoryBytes: Int

    /// What was measured of a candidate.
    ///
    /// - Parameters:
    ///   - candidate: Which.
    ///   - origin: The software of others that it is.
    ///   - item: What it handles.
    ///   - rate: Of these, a second.
    ///   - interval: Of the rate.
    ///   - rounds: How often it was measured.
    ///   - bytes: Of memory, of all instances.
    init(
      _ candidate: Candidate, origin: CaseRecord.Origin?, item: WorkItem, rate: Double,
      interval: [Double]?, rounds: Int, bytes: Int
    ) {
      engine = candidate.contender.name
      precision = candidate.contender.precision?.rawValue ?? Self.float
      (batchSize, threads) = (candidate.batchSize, candidate.threads)
      instances = candidate.instances
      let isImages = item == .image
      _origin = Nullable(wrappedValue: origin)
      _imagesPerSecond = Nullable(wrappedValue: isImages ? rate : nil)
      _imagesPerSecondCi95 = Nullable(wrappedValue: isImages ? interval : nil)
      itemsPerSecond = rate
      _itemsPerSecondCi95 = Nullable(wrappedValue: interval)
      (self.rounds, peakMemoryBytes) = (rounds, bytes)
    }

    /// What a precision is called that ids leave unwritten.
    package static let float = "f32"
    /// Whether layers multiply what the network's weights are.
    package var isFloat: Bool { precision == Self.float }
  }

  /// A candidate that has no speed, and why.
  package struct Refusal: Codable, Hashable, Sendable {
    package var engine: String
    package var precision: String
    package var batchSize: Int
    package var threads: Int
    package var instances: Int
    /// Whether its answer was wrong.
    package var isWrong: Bool
    package var reason: String

    init(_ candidate: Candidate, _ problem: Problem) {
      engine = candidate.contender.name
      precision = candidate.contender.precision?.rawValue ?? Configuration.float
      (batchSize, threads) = (candidate.batchSize, candidate.threads)
      instances = candidate.instances
      (isWrong, reason) = (problem.kind == .wrongAnswer, problem.description)
    }
  }
}

import Basics
import Foundation
import Harness

extension CheapestSearch {
  /// What a search tells while it goes on, and what it asks for.
  package struct Handlers {
    /// Files that external runtimes are given for a precision and a batch size.
    package typealias Files = (
      _ precision: CaseID.Precision?, _ batch: Int
    ) throws(Problem) -> [String: String]

    /// What external runtimes are given.
    package var files: Files
    /// Called before each measurement.
    package var before: () -> Void
    /// Told what was measured once.
    package var measured: (Configuration) -> Void
    /// Told what has no speed.
    package var refused: (Refusal) -> Void
    /// Told how many are measured again.
    package var repeating: (_ count: Int) -> Void

    /// All that are not given do nothing.
    package init(
      files: @escaping Files = { _, _ in [:] }, before: @escaping () -> Void = {},
      measured: @escaping (Configuration) -> Void = { _ in },
      refused: @escaping (Refusal) -> Void = { _ in },
      repeating: @escaping (_ count: Int) -> Void = { _ in }
    ) {
      (self.files, self.before, self.measured) = (files, before, measured)
      (self.refused, self.repeating) = (refused, repeating)
    }
  }

  /// Measures every candidate once, then the cheapest few again, in turns and in fresh processes.
  ///
  /// A candidate with a wrong answer, or that cannot be had, is left out with the reason.
  ///
  /// - Parameters:
  ///   - handlers: What it tells and asks for.
  ///   - eligible: Whether what computes in a precision may be the cheapest: whose answers are
  ///     known to be worth too little may not, unless there is nothing else.
  ///   - cancel: Ends it with what it has.
  /// - Returns: What it found.
  /// - Throws: The first refusal where nothing has a speed, also where the turns leave nothing; an
  ///   interruption before anything has.
  package func run(
    _ handlers: Handlers = Handlers(),
    eligible: (_ precision: String) -> Bool = { _ in true }, cancel: CancelFlag
  ) throws(Problem) -> Findings {
    var findings = Findings()
    var tried: [Trial] = []
    var problem: Problem?
    let checker = Checker(cancel: cancel)
    for candidate in candidates {
      handlers.before()
      do throws(Problem) {
        let trial = try self.trial(candidate, handlers, checker, cancel)
        tried.append(trial)
        handlers.measured(trial.configuration)
      } catch {
        if error.kind == .interrupted || cancel.isCancelled {
          findings.isInterrupted = true
          break
        }
        problem = problem ?? error
        let refusal = Refusal(candidate, error)
        findings.refusals.append(refusal)
        handlers.refused(refusal)
      }
    }
    guard !tried.isEmpty else {
      if findings.isInterrupted { throw Problem.interrupted }
      throw problem ?? Problem(.caseFailed, "there is no configuration to measure.")
    }
    let finalists = Self.finalists(tried, Self.places(in: tried, eligible))
    if !findings.isInterrupted, finalists.count > 1 {
      handlers.repeating(finalists.count)
      findings.isInterrupted = repeatInTurns(finalists, in: &tried, handlers, cancel)
    }
    let wrong = tried.compactMap { trial in trial.problem.map { (trial.candidate, $0) } }
    findings.refusals += wrong.map { Refusal($0.0, $0.1) }
    let places = Self.places(in: tried, eligible)
    if places.isEmpty, let first = wrong.first { throw first.1 }
    let timed = finalists.filter { tried[$0].rates.count > 1 }
    let best = Self.fastest(timed.isEmpty ? places : timed, of: tried)
    findings.best = best.map { tried[$0].configuration }
    findings.followers = best.map { Self.followers(of: $0, among: timed, tried) } ?? []
    findings.configurations = tried.filter { $0.problem == nil }.map(\.configuration)
    return findings
  }

  /// A candidate that was measured.
  struct Trial: Sendable {
    var candidate: Candidate
    /// The digest of its right answer; nil for an external runtime, which compares it by itself.
    var checksum: String?
    var configuration: Configuration
    /// Items a second in each round of the turns.
    var rates: [Double] = []
    /// The wrong answer that it gave in the turns, so that it has no speed.
    var problem: Problem?
  }

  /// Those that are right and may be the cheapest, by their places; all that are right where none may.
  private static func places(
    in tried: [Trial], _ eligible: (_ precision: String) -> Bool
  ) -> [Int] {
    let right = tried.indices.filter { tried[$0].problem == nil }
    let fitting = right.filter { eligible(tried[$0].configuration.precision) }
    return fitting.isEmpty ? right : fitting
  }

  private func trial(
    _ candidate: Candidate, _ handlers: Handlers, _ checker: Checker, _ cancel: CancelFlag
  ) throws(Problem) -> Trial {
    let request = try self.request(of: candidate, handlers)
    var checksum: String?
    if !candidate.contender.launch.isForeign {
      checksum = try checker.checksum(of: request, by: candidate.contender.launch)
    }
    let configuration = try measure(candidate, request, expecting: checksum, cancel: cancel)
    return Trial(candidate: candidate, checksum: checksum, configuration: configuration)
  }

  private func request(
    of candidate: Candidate, _ handlers: Handlers
  ) throws(Problem) -> CaseRequest {
    guard candidate.contender.launch.isForeign else { return request(candidate) }
    let files = try handlers.files(candidate.contender.precision, candidate.batchSize)
    return request(candidate, files: files)
  }

  /// The three with the highest rate, and the best of each precision, by their places.
  private static func finalists(_ tried: [Trial], _ places: [Int]) -> [Int] {
    let ranked = places.sorted {
      tried[$0].configuration.itemsPerSecond > tried[$1].configuration.itemsPerSecond
    }
    var chosen = Array(ranked.prefix(3))
    var precisions = Set(chosen.map { tried[$0].configuration.precision })
    for place in ranked where precisions.insert(tried[place].configuration.precision).inserted {
      chosen.append(place)
    }
    return chosen
  }

  private static func fastest(_ places: [Int], of tried: [Trial]) -> Int? {
    places.max {
      tried[$0].configuration.itemsPerSecond < tried[$1].configuration.itemsPerSecond
    }
  }

  /// Measures some again, each once a round, in an order drawn anew; true where it was ended early.
  ///
  /// Rates then are means over whole rounds. What gives a wrong answer has none; what fails otherwise
  /// keeps the one that it had.
  private func repeatInTurns(
    _ places: [Int], in tried: inout [Trial], _ handlers: Handlers, _ cancel: CancelFlag
  ) -> Bool {
    var order = SplitMix64(seed: seed)
    var failed: Set<Int> = []
    var isInterrupted = false
    for _ in 0..<rounds where !isInterrupted {
      var rates: [Int: Double] = [:]
      for place in places.shuffled(using: &order) where !failed.contains(place) && !isInterrupted {
        handlers.before()
        let trial = tried[place]
        do throws(Problem) {
          let request = try self.request(of: trial.candidate, handlers)
          let again = try measure(
            trial.candidate, request, expecting: trial.checksum, cancel: cancel)
          rates[place] = again.itemsPerSecond
          tried[place].configuration.peakMemoryBytes = max(
            trial.configuration.peakMemoryBytes, again.peakMemoryBytes)
        } catch {
          isInterrupted = error.kind == .interrupted || cancel.isCancelled
          let isWrong = error.kind == .wrongAnswer
          if isWrong || !isInterrupted { failed.insert(place) }
          guard isWrong else { continue }
          tried[place].problem = error
          handlers.refused(Refusal(trial.candidate, error))
        }
      }
      // Of a round that was ended nothing counts: the others did not take their turn.
      if !isInterrupted {
        for (place, rate) in rates { tried[place].rates.append(rate) }
      }
    }
    for place in failed { tried[place].rates = [] }
    for place in places where tried[place].rates.count > 1 {
      let trial = tried[place]
      guard let mean = Interval.geometric(trial.rates, confidence: 0.95) else { continue }
      tried[place].configuration = Configuration(
        trial.candidate, origin: trial.configuration.origin, item: item, rate: mean.estimate,
        interval: [mean.low, mean.high], rounds: trial.rates.count,
        bytes: trial.configuration.peakMemoryBytes)
    }
    return isInterrupted
  }

  /// Those that took turns with the best, the nearest first.
  private static func followers(
    of best: Int, among timed: [Int], _ tried: [Trial]
  ) -> [Follower] {
    let found = timed.filter { $0 != best }.compactMap { place -> Follower? in
      let logs = zip(tried[best].rates, tried[place].rates).map { log($0 / $1) }
      guard let ratio = Interval.t(logs, confidence: 0.95) else { return nil }
      return Follower(
        configuration: tried[place].configuration, costRatio: exp(ratio.estimate),
        costRatioCi95: [exp(ratio.low), exp(ratio.high)])
    }
    return found.sorted { $0.costRatio < $1.costRatio }
  }
}

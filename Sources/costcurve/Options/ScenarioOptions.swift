import ArgumentParser
import Harness
import Workloads

/// By which rules the queries of inference are counted.
struct ScenarioOptions: ParsableArguments {
  /// A scenario as the command line names it.
  enum Name: String, CaseIterable, ExpressibleByArgument {
    case singleStream = "single-stream"
    case multiStream = "multi-stream"
    case offline
  }

  @Option(
    help: """
      Count queries as MLPerf Inference's LoadGen does: single-stream, multi-stream or offline.
      """)
  var scenario: Name?

  @Option(
    help: "Samples of a query of --scenario multi-stream; 8, as the rules have it, unless given.")
  var streams: Int?

  @Option(
    help: "Samples of the query of --scenario offline; 24576, as the rules have it, unless given.")
  var samples: Int?

  func validate() throws {
    try (1...65_536).check("--streams", streams)
    try (1...1_000_000_000).check("--samples", samples)
    if streams != nil, scenario != .multiStream {
      throw ValidationError("--streams is for --scenario multi-stream; give that, or leave it out.")
    }
    if samples != nil, scenario != .offline {
      throw ValidationError("--samples is for --scenario offline; give that, or leave it out.")
    }
  }

  /// Refuses what does not go with a scenario, where there is one.
  ///
  /// - Parameters:
  ///   - given: Whether each flag was given, by its spelling.
  ///   - batchSize: What `--batch-size` says.
  /// - Throws: Usage, naming the first.
  func refuse(_ given: [String: Bool], batchSize: NumberList?) throws {
    guard let scenario else { return }
    for (spelling, isGiven) in given.sorted(by: { $0.key < $1.key }) where isGiven {
      throw ValidationError("\(spelling) and --scenario exclude each other; give one of them.")
    }
    guard let batchSize else { return }
    if let samples = samplesPerQuery, batchSize.numbers != [samples] {
      throw ValidationError(
        "a query of --scenario \(scenario.rawValue) has \(Units.count(samples, "sample")), "
          + "computed as one batch; leave out --batch-size.")
    }
    if batchSize.isList {
      throw ValidationError("--scenario \(scenario.rawValue) takes one --batch-size, not several.")
    }
  }

  var value: Scenario? {
    switch scenario {
    case .singleStream?: .singleStream
    case .multiStream?: .multiStream(samples: streams ?? Scenario.ruleStreams)
    case .offline?: .offline(samples: samples ?? Scenario.ruleSamples)
    case nil: nil
    }
  }

  /// Samples of a query; nil where one query has all of them.
  private var samplesPerQuery: Int? {
    switch scenario {
    case .singleStream?: 1
    case .multiStream?: streams ?? Scenario.ruleStreams
    case .offline?, nil: nil
    }
  }

  /// Samples that are computed together: those of a query, or, of a query that has all, as many as
  /// are asked for.
  ///
  /// - Parameters:
  ///   - subject: Whose batch may be fixed.
  ///   - given: What `--batch-size` says.
  /// - Returns: 16 where nothing says more.
  func batch(of subject: WorkSubject, given: NumberList?) -> Int {
    samplesPerQuery ?? given?.numbers.first ?? subject.fixedBatch ?? 16
  }

  /// What the line that repeats a case has of these, a blank before each; empty without a scenario.
  ///
  /// - Parameter duration: What `--duration` says.
  /// - Returns: The flags.
  func flags(duration: String?) -> String {
    guard let scenario else { return "" }
    let given: [(String, String?)] = [
      ("scenario", scenario.rawValue), ("streams", streams.map(String.init)),
      ("samples", samples.map(String.init)), ("duration", duration),
    ]
    return given.map { name, value in
      value.map { " --\(name) \(ShellWords.quoted($0))" } ?? ""
    }.joined()
  }
}

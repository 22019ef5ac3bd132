import Harness

extension CheapestSearch {
  /// What a search found.
  package struct Findings: Sendable {
    /// What has a speed, in the order in which it was measured; of what was measured again the mean
    /// over all rounds.
    package var configurations: [Configuration] = []
    /// The cheapest: of those that were measured again, where any were; nil without any.
    package var best: Configuration?
    /// Those that took turns with the cheapest, the nearest first.
    package var followers: [Follower] = []
    /// What has no speed.
    package var refusals: [Refusal] = []
    /// Whether somebody ended it early.
    package var isInterrupted = false

    package init() {}
  }

  /// A configuration that took turns with the cheapest.
  package struct Follower: Codable, Hashable, Sendable {
    package var configuration: Configuration
    /// Its cost over that of the cheapest.
    package var costRatio: Double
    /// The interval of the same, 95 %, over rounds.
    package var costRatioCi95: [Double]
  }
}

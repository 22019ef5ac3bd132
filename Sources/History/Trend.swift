import Basics
import Harness

/// How one case moved over the runs of one machine.
package struct Trend: Hashable, Sendable {
  package var caseID: String
  package var machine: String
  /// Oldest first.
  package var points: [Store.Point]
  /// Levels between steps, as indices into `points`.
  package var pieces: [StepDetection.Piece]
  /// Dates and notes of changes that were marked as meant.
  package var accepted: [String]
  /// Robust z-score of the latest run among those before it; nil for fewer than 8 of them.
  package var surprise: Double?
  /// What differs on the machines whose runs are left out.
  package var leftOut: [String]

  /// Runs that are drawn unless more are asked for.
  package static let usualLimit = 1000

  /// Beyond this z-score a re-run is suggested; history alone never fails anything.
  package static let suspicious = 4.0

  package var isSuspect: Bool { surprise.map { abs($0) > Self.suspicious } ?? false }

  /// The change to each level as a share of the level before it; nil for the first.
  package var steps: [Double?] {
    pieces.indices.map { $0 == 0 ? nil : pieces[$0].level / pieces[$0 - 1].level - 1 }
  }

  /// The change to the last level; nil where there is one alone.
  package var lastStep: Double? { steps.last ?? nil }

  /// What ranks trends: a suspect by how far its latest run lies off, then others by the last step.
  package var weight: Double {
    isSuspect ? 1_000 + abs(surprise ?? 0) : abs(lastStep ?? 0)
  }
}

extension Store {
  /// The trend of a case on one machine.
  ///
  /// - Parameters:
  ///   - caseID: As recorded.
  ///   - machine: A fingerprint's key; nil for the machine of the latest run of that case.
  ///   - limit: At most so many of the latest runs.
  ///   - includingMarked: Whether interrupted, smoke and single-process runs are among them.
  /// - Returns: Its runs there, oldest first, and the levels between steps.
  /// - Throws: `Problem` of kind `absent` for a case that was never recorded there.
  package func trend(
    of caseID: String, machine: String? = nil, limit: Int = Trend.usualLimit,
    includingMarked: Bool = false
  ) throws -> Trend {
    let machines = try machines(of: caseID)
    guard let key = machine ?? machines.first, machines.contains(key) else {
      throw try absence(of: caseID, machine: machine, measuredOn: machines)
    }
    let points = try points(
      of: caseID, machine: key, limit: limit, includingMarked: includingMarked)
    let accepted = try accepted(caseID: caseID, machine: key)
    let values = points.map(\.medianNs)
    // After a change that was meant, only what came since says what is usual.
    let since = accepted.last.map { mark in points.filter { $0.date > mark.date }.map(\.medianNs) }
    let here = try fingerprint(key)
    let leftOut = try machines.filter { $0 != key }.compactMap { other -> String? in
      guard let here, let there = try fingerprint(other) else { return other }
      let differences = there.differences(from: here)
      return differences.isEmpty ? nil : differences.joined(separator: "; ")
    }
    return Trend(
      caseID: caseID, machine: key, points: points, pieces: StepDetection.pieces(values),
      accepted: accepted.map { [$0.date, $0.note].filter { !$0.isEmpty }.joined(separator: " ") },
      surprise: StepDetection.surprise(since ?? values), leftOut: leftOut)
  }

  /// Says that there is no such trend, and which there are.
  private func absence(
    of caseID: String, machine: String?, measuredOn machines: [String]
  ) throws -> Problem {
    if let machine, !machines.isEmpty {
      return Problem(
        .absent,
        "'\(caseID)' was never recorded on machine '\(machine)', but on "
          + machines.prefix(3).joined(separator: ", "))
    }
    let ids = try caseIDs()
    let alike = ids.filter { $0.contains(caseID) }
    let some = (alike.isEmpty ? ids : alike).prefix(3).joined(separator: ", ")
    return Problem(
      .absent,
      "the history has no run of '\(caseID)'; it has \(Units.count(ids.count, "case"))"
        + (some.isEmpty ? "" : ", such as \(some)"))
  }
}

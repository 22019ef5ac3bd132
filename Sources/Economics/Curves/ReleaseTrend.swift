import Harness

/// What a rate gains in a year from one release of a piece of software to the next, where all of
/// them took turns on one machine.
///
/// In every block the slope of ln(rate) over the date is taken by least squares: a sum of the
/// block's logarithms with weights that add up to 0, so that what all releases of a block share,
/// such as a slow second, falls out. The slopes of blocks are pooled like any difference of two
/// arms. The interval says what other processes would give; how far releases lie from the line is
/// not in it.
package struct ReleaseTrend: Hashable, Sendable {
  /// What the rate multiplies by in a year.
  package let yearly: Shift
  /// ln(rate of the last release / rate of the first).
  package let gain: Shift
  /// Place of the earliest release among those given, and of the latest.
  package let first: Int
  package let last: Int

  /// The trend of some releases; nil with fewer than two dates, and where there are too few blocks
  /// for an interval.
  ///
  /// - Parameter releases: When each was released and, process by process, the logarithm of its
  ///   time in each block, over that of one arm that is the same for all.
  package init?(_ releases: [(day: Day, logTimes: [[Double]])]) {
    guard let first = releases.indices.min(by: { releases[$0].day < releases[$1].day }),
      let last = releases.indices.max(by: { releases[$0].day < releases[$1].day }),
      releases[first].day < releases[last].day
    else { return nil }
    let years = releases.map { releases[first].day.years(to: $0.day) }
    let mean = years.reduce(0, +) / Double(years.count)
    let spread = years.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let weights = years.map { ($0 - mean) / spread }
    let processes = releases.map(\.logTimes.count).min() ?? 0
    var slopes: [[Double]] = []
    var gains: [[Double]] = []
    for process in 0..<processes {
      let blocks = releases.map { $0.logTimes[process].count }.min() ?? 0
      // A rate rises where a time falls.
      slopes.append(
        (0..<blocks).map { block -> Double in
          releases.indices.reduce(0.0) { sum, release in
            sum - weights[release] * releases[release].logTimes[process][block]
          }
        })
      gains.append(
        (0..<blocks).map { block in
          releases[first].logTimes[process][block] - releases[last].logTimes[process][block]
        })
    }
    guard let yearly = Shift(processes: slopes, confidence: 0.95),
      let gain = Shift(processes: gains, confidence: 0.95)
    else { return nil }
    (self.yearly, self.gain) = (yearly, gain)
    (self.first, self.last) = (first, last)
  }
}

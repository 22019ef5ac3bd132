import Economics
import Foundation
import Testing

struct ReleaseTrendTests {
  private func day(_ text: String) throws -> Day { try #require(Day(text)) }

  /// Rates that double in a year, with a disturbance of each block that all releases share.
  private func doubling(
    _ dates: [String], processes: Int = 3, blocks: Int = 6
  ) throws -> [(day: Day, logTimes: [[Double]])] {
    let days = try dates.map { try day($0) }
    return days.map { day -> (day: Day, logTimes: [[Double]]) in
      let years = days[0].years(to: day)
      let times = (0..<processes).map { process in
        (0..<blocks).map { block in Double(process * block % 5) / 7 - years * log(2) }
      }
      return (day, times)
    }
  }

  @Test func aRateThatDoublesEachYearIsFound() throws {
    let dates = ["2022-03-01", "2023-01-15", "2025-06-30", "2026-11-01"]
    let trend = try #require(ReleaseTrend(try doubling(dates)))
    #expect(abs(trend.yearly.ratio - 2) < 1e-9)
    let years = try day(dates[0]).years(to: try day(dates[3]))
    #expect(abs(trend.gain.ratio - pow(2, years)) < 1e-6)
    #expect(trend.first == 0 && trend.last == 3)
    // What all releases of a block share falls out.
    #expect(trend.yearly.ratioInterval.allSatisfy { abs($0 - 2) < 1e-9 })
  }

  /// The order in which releases are given says nothing.
  @Test func theLatestNeedNotBeTheLast() throws {
    let dates = ["2025-01-01", "2023-01-01", "2024-01-01"]
    let trend = try #require(ReleaseTrend(try doubling(dates)))
    #expect(trend.first == 1 && trend.last == 0)
    #expect(trend.gain.ratio > 1)
  }

  @Test func whatProcessesDifferByIsTheInterval() throws {
    let (old, new) = (try day("2024-01-01"), try day("2025-01-01"))
    // The later release is 10, 20 and 30 % faster in three processes.
    let gains = [0.1, 0.2, 0.3]
    let trend = try #require(
      ReleaseTrend([
        (old, gains.map { _ in [Double](repeating: 0, count: 4) }),
        (new, gains.map { [Double](repeating: -$0, count: 4) }),
      ]))
    let years = old.years(to: new)
    #expect(abs(log(trend.yearly.ratio) * years - 0.2) < 1e-9)
    // Student's t with two degrees of freedom: 0.2 ± 4.3027 · 0.1 / √3.
    let low = 0.2 - 4.302_652_7 * 0.1 / 3.0.squareRoot()
    #expect(abs(log(trend.gain.ratioInterval[0]) - low) < 1e-5)
  }

  @Test func oneDateOrNoBlocksGiveNone() throws {
    #expect(ReleaseTrend(try doubling(["2024-01-01", "2024-01-01"])) == nil)
    #expect(ReleaseTrend(try doubling(["2024-01-01"])) == nil)
    #expect(ReleaseTrend([]) == nil)
    #expect(ReleaseTrend(try doubling(["2024-01-01", "2025-01-01"], blocks: 0)) == nil)
  }

  /// A release that was interrupted has fewer blocks; only those of all are compared.
  @Test func fewerBlocksOfOneAreThoseOfAll() throws {
    var releases = try doubling(["2024-01-01", "2025-01-01"])
    releases[1].logTimes[2].removeLast(4)
    let trend = try #require(ReleaseTrend(releases))
    #expect(abs(trend.yearly.ratio - 2) < 1e-9)
  }
}

import Economics
import Foundation
import Reporter
import Testing

/// Ticks are round, few and inside the axis, on every kind of scale.
@Suite struct ScaleTests {
  @Test(arguments: [
    (0.0...1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.0...183.4, 6, ["0", "50", "100", "150"]),
    (-3.0...7.0, 5, ["-2", "0", "2", "4", "6"]),
    (1_000.0...5_200.0, 5, ["1\u{A0}000", "2\u{A0}000", "3\u{A0}000", "4\u{A0}000", "5\u{A0}000"]),
    (0.0012...0.0019, 4, ["0.0012", "0.0014", "0.0016", "0.0018"]),
  ])
  func linear(_ domain: ClosedRange<Double>, _ count: Int, _ labels: [String]) {
    let ticks = Scale(.linear, domain, from: 0, to: 100).ticks(count: count)
    #expect(ticks.compactMap(\.label) == labels)
  }

  @Test(arguments: [
    (1.0...1_000.0, 4, ["1", "10", "100", "1\u{A0}000"]),
    (0.01...9.0, 4, ["0.01", "0.1", "1"]),
    (20.0...400.0, 8, ["20", "50", "100", "200"]),
    (108.0...620.0, 8, ["200", "300", "400", "500", "600"]),
    (1.07...1.38, 5, ["1.1", "1.2", "1.3"]),
    (8.0...13.0, 6, ["8", "9", "10", "11", "12", "13"]),
    (1e-7...1e8, 6, ["10⁻⁶", "10⁻³", "10⁰", "10³", "10⁶"]),
  ])
  func logarithmic(_ domain: ClosedRange<Double>, _ count: Int, _ labels: [String]) {
    let ticks = Scale(.logarithmic, domain, from: 0, to: 100).ticks(count: count)
    #expect(ticks.compactMap(\.label) == labels)
  }

  @Test(arguments: [
    (
      "2012-01-01", "2027-01-01", 8,
      ["2012", "2014", "2016", "2018", "2020", "2022", "2024", "2026"]
    ),
    ("2017-03-01", "2020-11-01", 8, ["2018", "2019", "2020"]),
    ("2026-08-25", "2026-11-25", 6, ["2026-09", "2026-10", "2026-11"]),
    ("2026-11-01", "2026-11-09", 9, (1...9).map { "11-0\($0)" }),
    ("2026-11-21T10:00", "2026-11-21T13:00", 4, ["10:00", "11:00", "12:00", "13:00"]),
  ])
  func time(_ from: String, _ to: String, _ count: Int, _ labels: [String]) throws {
    let low = try #require(CalendarDay.parse(from))
    let high = try #require(CalendarDay.parse(to))
    let ticks = Scale(.time, low...high, from: 0, to: 100).ticks(count: count)
    #expect(ticks.compactMap(\.label) == labels)
  }

  @Test func ticksLieInTheDomainWhateverItIs() {
    for exponent in -9...9 {
      for span in [1.0001, 1.3, 2, 7, 40, 3_000, 1e9] {
        let low = 1.37 * pow(10, Double(exponent))
        let domain = low...low * span
        for kind in [Scale.Kind.linear, .logarithmic] {
          let scale = Scale(kind, domain, from: 0, to: 600)
          let ticks = scale.ticks(count: 7)
          #expect(
            ticks.allSatisfy { $0.value >= low * 0.999999 && $0.value <= low * span * 1.000001 })
          #expect(ticks.count { $0.label != nil } <= 18)
          #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
        }
      }
    }
  }

  @Test func positionsRunFromEndToEnd() {
    let scale = Scale(.logarithmic, 1...10_000, from: 400, to: 0)
    #expect(abs(scale.position(1) - 400) < 1e-9)
    #expect(abs(scale.position(100) - 200) < 1e-9)
    #expect(abs(scale.position(10_000)) < 1e-9)
  }

  @Test func anEmptyDomainIsWidened() {
    for kind in [Scale.Kind.linear, .logarithmic, .time] {
      let scale = Scale(kind, 5...5, from: 0, to: 100)
      #expect(abs(scale.position(5) - 50) < 1e-9)
    }
  }

  @Test(arguments: [
    ("1970-01-01", 0), ("2000-03-01", 11_017), ("1969-12-31", -1), ("2026-11-21", 20_778),
    ("2017", 17_348), ("2018-04", 17_636),
  ])
  func datesAreDays(_ text: String, _ days: Int) {
    #expect(CalendarDay.parse(text) == Double(days))
  }

  @Test(arguments: ["", "x", "2017-13-01", "2017-00", "2017-01-32", "20a7", "1-2-3-4"])
  func whatIsNoDateIsRefused(_ text: String) { #expect(CalendarDay.parse(text) == nil) }

  @Test func civilDatesComeBack() {
    for day in stride(from: -80_000, through: 80_000, by: 37) {
      let (year, month, dayOfMonth) = Day(number: day).civil
      #expect(Day.number(year: year, month: month, day: dayOfMonth) == day)
    }
  }
}

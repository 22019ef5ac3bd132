import Economics
import Foundation
import Testing

struct LogLinearFitTests {
  private func point(_ day: Int, _ value: Double) -> (day: Day, value: Double) {
    (Day(number: day), value)
  }

  @Test func anExactCurveIsFoundAgain() throws {
    let points = [0, 100, 400, 1000].map { point($0, 50 * pow(0.25, Double($0) / 365.25)) }
    let fit = try #require(LogLinearFit(points))
    #expect(abs(fit.annualFactor - 0.25) < 1e-12)
    #expect(abs(fit.start - 50) < 1e-9)
    #expect(fit.interval.upperBound - fit.interval.lowerBound < 1e-6)
    #expect(abs(fit.rSquared - 1) < 1e-12)
    #expect(abs(fit.doublingMonths + 0.5 * 365.25 / 30.436875) < 1e-9)
  }

  /// The interval by the textbook's formulas, with Student's t from a printed table.
  @Test(arguments: [
    (3, 12.706_204_736), (4, 4.302_652_730), (5, 3.182_446_305),
    (6, 2.776_445_105), (7, 2.570_581_836), (12, 2.228_138_852),
  ])
  func intervalWithTheTablesT(count: Int, t: Double) throws {
    // Four years of 365.25 days between points, so that x is exact.
    let x = (0..<count).map { Double($0) * 4 }
    let y = x.map { 0.3 * $0 + sin($0) }
    let fit = try #require(
      LogLinearFit(zip(x, y).map { point(Int($0 * 365.25), exp($1)) }))
    let (meanX, meanY) = (x.reduce(0, +) / Double(count), y.reduce(0, +) / Double(count))
    let sxx = x.map { ($0 - meanX) * ($0 - meanX) }.reduce(0, +)
    let slope = zip(x, y).map { ($0 - meanX) * ($1 - meanY) }.reduce(0, +) / sxx
    let residuals = zip(x, y).map { $1 - meanY - slope * ($0 - meanX) }
    let variance = residuals.map { $0 * $0 }.reduce(0, +) / Double(count - 2)
    let reach = t * (variance / sxx).squareRoot()
    #expect(abs(log(fit.annualFactor) - slope) < 1e-12)
    #expect(abs(log(fit.interval.upperBound) - slope - reach) < 1e-8)
    #expect(abs(log(fit.interval.lowerBound) - slope + reach) < 1e-8)
    for years in x {
      let band = fit.band(on: Day(number: Int(years * 365.25)))
      let half =
        t
        * (variance * (1 / Double(count) + (years - meanX) * (years - meanX) / sxx))
        .squareRoot()
      let line = meanY + slope * (years - meanX)
      #expect(abs(log(band.lowerBound) - line + half) < 1e-8)
      #expect(abs(log(band.upperBound) - line - half) < 1e-8)
    }
  }

  @Test func tooLittleIsNoFit() {
    #expect(LogLinearFit([point(0, 1), point(1, 2)]) == nil)
    #expect(LogLinearFit([point(0, 1), point(0, 2), point(0, 3)]) == nil)
    #expect(LogLinearFit([point(0, 1), point(1, 0), point(2, 3)]) == nil)
  }
}

import Basics
import Foundation
import Harness
import Testing

/// Values written down from SciPy 1.17.1; the call that gives each stands beside it.
@Suite struct KnownAnswersTests {
  private let sample = [3.1, 2.7, 4.4, 8.9, 3.3, 2.9, 3.0, 12.5, 3.2, 2.8, 3.6]

  private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-12) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
  }

  /// numpy.quantile(sample, q), linear interpolation.
  @Test(arguments: zip([0.05, 0.25, 0.5, 0.75, 0.9], [2.75, 2.95, 3.2, 4.0, 8.9]))
  func quantiles(q: Double, expected: Double) {
    #expect(close(Quantile.quantile(q, of: sample), expected))
  }

  /// scipy.stats.median_abs_deviation(sample).
  @Test func spread() {
    #expect(close(Quantile.medianAbsoluteDeviation(of: sample), 0.4))
    #expect(close(Quantile.relativeInterquartileRange(of: sample), (4.0 - 2.95) / 3.2))
  }

  /// scipy.stats.t.ppf(p, df).
  @Test(arguments: [
    (0.975, 1.0, 12.706204736174694), (0.975, 4.0, 2.7764451051977934),
    (0.995, 4.0, 4.604094871349992), (0.995, 9.0, 3.249835541592126),
    (0.9, 7.0, 1.4149239276505086), (0.9995, 29.0, 3.6594050194663748),
    (0.025, 4.0, -2.7764451051977934),
  ])
  func tQuantiles(p: Double, degrees: Double, expected: Double) {
    #expect(close(StudentT.quantile(p, degreesOfFreedom: degrees), expected, 1e-10))
  }

  /// scipy: 2 · t.sf(1.3, 5) and 2 · t.sf(2.2, 6).
  @Test func tDistribution() {
    let tail = 1 - 0.8748496829146615
    for t in [1.3, -1.3] {
      #expect(close(StudentT.pValue(t, degreesOfFreedom: 5), 2 * tail, 1e-10))
    }
    #expect(close(StudentT.pValue(2.2, degreesOfFreedom: 6), 0.0701021863431719))
  }

  /// scipy.special.betainc(a, b, x).
  @Test(arguments: [
    (0.5, 0.5, 0.3, 0.36901011956554536), (2.0, 3.0, 0.4, 0.5248),
    (63.0, 2.0, 0.9, 0.009563149713054643), (10.0, 0.5, 0.99, 0.6579281751567845),
    (5000.0, 12.0, 0.998, 0.6943828953425831), (0.5, 20.0, 1e-4, 0.050116531617405015),
  ])
  func incompleteBeta(a: Double, b: Double, x: Double, expected: Double) {
    #expect(close(SpecialFunctions.incompleteBeta(a, b, x), expected, 1e-11))
  }

  /// scipy.special.gammaln(x).
  @Test(
    arguments: zip(
      [0.1, 0.5, 3.7, 11, 171.5, 1e5],
      [
        2.252712651734206, 0.5723649429247, 1.428072326665388, 15.104412573075516,
        709.1431630309283, 1051287.7089736569,
      ]))
  func logGamma(x: Double, expected: Double) {
    #expect(close(SpecialFunctions.logGamma(x), expected, 1e-13))
  }

  /// scipy.stats.norm.cdf and ppf.
  @Test func normal() {
    #expect(close(SpecialFunctions.normalCDF(-3.2), 0.0006871379379158471))
    #expect(close(SpecialFunctions.normalCDF(1.96), 0.9750021048517795))
    #expect(close(SpecialFunctions.normalQuantile(0.975), 1.959963984540054, 1e-10))
    #expect(close(SpecialFunctions.normalQuantile(0.005), -2.575829303548901, 1e-10))
  }

  /// exp of scipy's t interval of the logarithms of the sample, 95 %.
  @Test func geometricInterval() throws {
    let interval = try #require(Interval.geometric(sample, confidence: 0.95))
    #expect(close(interval.estimate, 3.96371104643079))
    #expect(close(interval.low, 2.818354140945334, 1e-10))
    #expect(close(interval.high, 5.57453196933146, 1e-10))
    #expect(Interval.geometric([2.0], confidence: 0.95) == nil)
  }

  /// scipy.stats.theilslopes(sample)[0].
  @Test func trend() { #expect(close(TheilSen.slope(sample), 0.0125, 1e-10)) }

  /// An AR(1) series with coefficient 0.8 carries (1 − 0.8)/(1 + 0.8) = 1/9 of its length.
  @Test func effectiveSampleSizeOfADependentSeries() {
    var random = SplitMix64(seed: 4)
    var (value, series): (Double, [Double]) = (0, [])
    for _ in 0..<20_000 {
      value = 0.8 * value + Double.random(in: -1...1, using: &random)
      series.append(value)
    }
    let effective = Autocorrelation.effectiveSampleSize(series)
    #expect(effective > 20_000 / 9 * 0.8 && effective < 20_000 / 9 * 1.25)
    let white = (0..<4096).map { _ in Double.random(in: -1...1, using: &random) }
    #expect(Autocorrelation.effectiveSampleSize(white) > 4096 * 0.8)
    #expect(Autocorrelation.effectiveSampleSize([1, 1, 1, 1, 1, 1, 1, 1]) == 8)
    #expect(Autocorrelation.effectiveSampleSize([]) == 0)
  }
}

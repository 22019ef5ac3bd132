/// What releases of one piece of software gain in a year on one machine, run in one way.
package struct SoftwareTrend: Codable, Hashable, Sendable {
  /// The way in which it is run, such as `pytorch-compile`; its cases' engines are named
  /// `SETTING-VERSION`.
  package var setting: String
  /// Such as `pytorch`.
  package var software: String
  package var kind: CaseRecord.Kind
  /// The case without its engine, such as `infer/resnet50/b16/t2`.
  package var subject: String
  /// Releases that were measured.
  package var releases: Int
  package var firstVersion: String
  /// A day or a month as ISO 8601.
  package var firstReleased: String
  package var lastVersion: String
  package var lastReleased: String
  /// What the rate multiplies by in a year, along the line through the logarithms of all releases.
  package var yearlyFactor: Double
  /// 95 %, of what processes differ by; null where there is too little for one.
  @Nullable package var yearlyFactorCi95: [Double]?
  /// How many times as fast the last release is as the first.
  package var gain: Double
  @Nullable package var gainCi95: [Double]?

  package init(
    setting: String, software: String, kind: CaseRecord.Kind, subject: String, releases: Int,
    first: (version: String, released: String), last: (version: String, released: String),
    yearlyFactor: Double, yearlyFactorCi95: [Double]?, gain: Double, gainCi95: [Double]?
  ) {
    (self.setting, self.software, self.kind) = (setting, software, kind)
    (self.subject, self.releases) = (subject, releases)
    (firstVersion, firstReleased) = (first.version, first.released)
    (lastVersion, lastReleased) = (last.version, last.released)
    (self.yearlyFactor, self.gain) = (yearlyFactor, gain)
    self._yearlyFactorCi95 = Nullable(wrappedValue: yearlyFactorCi95)
    self._gainCi95 = Nullable(wrappedValue: gainCi95)
  }
}

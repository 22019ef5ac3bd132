import Economics
import Harness

/// Dated releases of software on one machine, beside what the documents claim that software gains.
package struct VersionStudy: Hashable, Sendable {
  /// What `costcurve peers --versions` measured.
  package var record: ResultRecord
  package var claimed: [SoftwarePace]

  package init(_ record: ResultRecord, claimed: [SoftwarePace]) {
    (self.record, self.claimed) = (record, claimed)
  }

  var trends: [SoftwareTrend] { record.softwareTrends ?? [] }

  /// Every release that was asked for, measured or not, in the record's order.
  var releases: [CaseRecord] { record.cases.filter { $0.origin?.released != nil } }

  /// Our engine in the first comparison of each kind of case.
  var own: [CaseRecord] {
    record.cases.filter { $0.origin == nil }.reduce(into: []) { found, item in
      let subject = CaseID.withoutEngine(item.id)
      if !found.contains(where: { CaseID.withoutEngine($0.id) == subject }) { found.append(item) }
    }
  }

  /// The way in which a release was run: its engine without the version.
  func setting(of item: CaseRecord) -> String {
    let engine = CaseID.engine(of: item.id)
    guard let version = item.origin?.version, engine.hasSuffix("-" + version) else { return engine }
    return String(engine.dropLast(version.count + 1))
  }

  /// What the releases gain, and what is claimed.
  package var answer: String {
    let refused = releases.count { !$0.isShown }
    let without =
      refused == 0
      ? ""
      : " \(Units.count(refused, "release")) could not be measured, each for a reason that is told."
    guard let most = trends.max(by: { $0.yearlyFactor < $1.yearlyFactor }) else {
      return "No software had two releases that ran, so nothing is told of a year." + without
    }
    let factor = Self.factor(most.yearlyFactor, most.yearlyFactorCi95)
    let span =
      "\(Units.count(most.releases, "release")), \(most.firstReleased) to \(most.lastReleased)"
    let gain = "\(most.setting) gains most: \(factor) a year, \(span), \(most.subject)."
    return (trends.count == 1 ? gain : "Of \(trends.count) settings, \(gain)") + claims + without
  }

  /// What is claimed, behind a blank: `Claimed: 47 % a year off the cost is 1.89x a year (ID).`.
  private var claims: String {
    guard !claimed.isEmpty else { return "" }
    let told = claimed.map {
      "\($0.words) is \(Units.ratio($0.yearlyFactor)) a year (\($0.claim))"
    }
    return " Claimed: " + told.joined(separator: "; ") + "."
  }

  /// A factor with its interval, or that there is none.
  static func factor(_ value: Double, _ interval: [Double]?) -> String {
    "\(NumberFormat.significant(value))x \(interval.map { Wording.interval($0) } ?? "n/a")"
  }

  /// The whole comparison, or its answer with what each software gains.
  ///
  /// - Parameter onScreen: Whether the answer is wanted, and not every release.
  /// - Returns: A document of its own.
  package func document(onScreen: Bool) -> Document {
    var document = Document(
      title: "Dated releases of software",
      subtitle: "\(record.context.machine.cpu), \(record.context.date)",
      notice: .init(record.validity ?? RunValidity(of: record), on: record.context.noise),
      answer: answer, blocks: [])
    guard onScreen else {
      // The answer stands above it.
      var rest = section
      rest.lead = Self.method
      document.sections.append(rest)
      return document
    }
    if !trends.isEmpty { document.sections[0].blocks.append(.table(trendTable)) }
    document.sections[0].blocks.append(.table(releaseTable))
    return document
  }
}

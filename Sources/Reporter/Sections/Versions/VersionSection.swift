import Economics
import Harness

extension VersionStudy {
  /// Rates by release date, what a year gains, and every release with its rate or why it has none.
  var section: Document.Section {
    let subjects = releases.map { CaseID.withoutEngine($0.id) }.unique
    var blocks: [Document.Block] = []
    for (index, subject) in subjects.enumerated() {
      if let chart = chart(of: subject, number: index + 1) { blocks.append(.chart(chart)) }
    }
    if !trends.isEmpty { blocks.append(.table(trendTable)) }
    blocks.append(.table(releaseTable))
    return Document.Section(
      id: "versions-section", title: "Releases of software by date", short: "Releases",
      lead: answer + " " + Self.method, blocks: blocks)
  }

  /// How the figures came about.
  static let method =
    "Each release had an environment of its own and took turns with the others of its software and "
    + "with ours, on one model, its outputs compared with ours first. A year's factor is of the "
    + "line through the logarithms of all rates; its 95 % interval is of what processes differ by, "
    + "not of how far releases lie from the line."

  /// What each software gains in a year, beside the claims.
  var trendTable: DataTable {
    let rows = trends.map { trend -> [DataTable.Cell] in
      [
        .init(trend.setting), .init(trend.subject, tone: .code), .init(count: trend.releases),
        .init("\(trend.firstVersion), \(trend.firstReleased)"),
        .init("\(trend.lastVersion), \(trend.lastReleased)"),
        .init(
          NumberFormat.significant(trend.yearlyFactor), number: trend.yearlyFactor,
          interval: Wording.interval(trend.yearlyFactorCi95)),
        .init(
          NumberFormat.significant(trend.gain), number: trend.gain,
          interval: Wording.interval(trend.gainCi95)),
      ]
    }
    let claims = claimed.map { pace -> [DataTable.Cell] in
      [
        .init(pace.claim, tone: .code), .init("claimed: \(pace.words)"),
        .init("–", tone: .quiet), .init("–", tone: .quiet), .init("–", tone: .quiet),
        .init(NumberFormat.significant(pace.yearlyFactor), number: pace.yearlyFactor),
        .init("–", tone: .quiet),
      ]
    }
    return DataTable(
      id: "version-trends", caption: "What releases gain in a year, with 95 % intervals",
      columns: [
        .init("Software"), .init("Work", rank: 1), .init("Releases", isNumber: true, rank: 2),
        .init("First", rank: 4), .init("Last", rank: 3), .init("A year", unit: "x", isNumber: true),
        .init("Last over first", unit: "x", isNumber: true),
      ], rows: rows + claims)
  }

  /// Every release with its rate, or why it has none.
  var releaseTable: DataTable {
    let unit = (releases.first { $0.derived.rate != nil }?.derived.workItem ?? .image).rateUnit
    return DataTable(
      id: "version-releases",
      caption: "Every release, and how many times as fast ours is, with 95 % intervals",
      columns: [
        .init("Release"), .init("Released"), .init("Rate", unit: unit, isNumber: true),
        .init("Ours", unit: "x", isNumber: true), .init("Work", rank: 1),
      ],
      rows: releases.map { item -> [DataTable.Cell] in
        let name = "\(setting(of: item)) \(item.origin?.version ?? "n/a")"
        let released = item.origin?.released ?? "n/a"
        guard item.isShown, let rate = item.derived.rate else {
          return [
            .init("\(name), \(released)"),
            .init("no speed: \(item.refusal)", tone: .bad, spansTheRest: true),
          ] + Array(repeating: .init("–", tone: .quiet), count: 3)
        }
        let speedup = item.derived.firstArmSpeedup
        return [
          .init(name), .init(released),
          .init(
            NumberFormat.significant(rate), number: rate,
            interval: Wording.interval(item.derived.rateCi95)),
          .init(
            speedup.map { NumberFormat.significant($0) } ?? "n/a", number: speedup,
            interval: Wording.interval(item.derived.firstArmSpeedupCi95)),
          .init(CaseID.withoutEngine(item.id), tone: .code),
        ]
      })
  }

  /// Rates over release dates, a line a setting, and ours on the day of the comparison; nil where
  /// nothing ran.
  private func chart(of subject: String, number: Int) -> Chart? {
    let shown = releases.filter { CaseID.withoutEngine($0.id) == subject && $0.isShown }
    let settings = shown.map { setting(of: $0) }.unique
    guard let item = shown.first?.derived.workItem else { return nil }
    let marks: [Chart.Shape] = [.circle, .square, .triangle, .diamond, .ring]
    var series = settings.enumerated().map { index, name -> Chart.Series in
      let points = shown.filter { setting(of: $0) == name }.compactMap { point(of: $0, item) }
      return Chart.Series(
        id: "release-\(index + 1)", name: name, colour: .series(index),
        form: .lineAndPoints(marks[index % marks.count]),
        points: points.sorted { $0.x < $1.x })
    }
    let today = record.context.date.prefix(10)
    if let ours = own.first(where: { CaseID.withoutEngine($0.id) == subject }),
      let rate = ours.derived.rate, let day = Day(today)
    {
      series.append(
        Chart.Series(
          id: "own", name: "this project", colour: .accent, form: .points(.star),
          points: [
            .init(
              x: Double(day.number), y: rate, interval: Wording.range(ours.derived.rateCi95),
              label: "this project",
              detail: "this project, \(today): \(NumberFormat.significant(rate)) \(item.rateUnit)",
              rank: 9)
          ]))
    }
    return Chart(
      id: "versions-\(number)", title: "\(subject) by release date, \(item.rateUnit)",
      summary: "Rates of dated releases, one line for each way of running a software, with 95 % "
        + "intervals; all on the same machine and the same model.",
      x: .init("Released", kind: .time),
      y: .init("Rate", unit: item.rateUnit, fromZero: true), series: series)
  }

  private func point(of release: CaseRecord, _ item: WorkItem) -> Chart.Point? {
    guard let rate = release.derived.rate, let origin = release.origin,
      let released = origin.released, let day = Day(released)
    else { return nil }
    let version = origin.version ?? "n/a"
    return .init(
      x: Double(day.number), y: rate, interval: Wording.range(release.derived.rateCi95),
      label: version,
      detail: "\(setting(of: release)) \(version), \(released): "
        + "\(NumberFormat.significant(rate)) \(Wording.rateInterval(release)) \(item.rateUnit)")
  }
}

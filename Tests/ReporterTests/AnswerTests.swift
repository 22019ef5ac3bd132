import Economics
import Harness
import Reporter
import Testing

/// What the first lines of a report say.
@Suite struct AnswerTests {
  @Test func theMissingPercentileIsThatOfTheCasesThatLackIt() throws {
    let record = SampleReport.record
    #expect(Report(record: record).limits.contains("a p99 latency of 2 of 4 cases (it needs 662"))
    var all = record
    var none = record
    for index in record.cases.indices where record.cases[index].kind == .infer {
      all.cases[index].derived.latencyMs?.needs = [:]
      none.cases[index].derived.latencyMs?.needs = ["p99": 662]
    }
    #expect(!Report(record: all).limits.contains("p99"))
    #expect(Report(record: none).limits.contains("a p99 latency (it needs 662 samples)"))
  }

  /// One line, on a screen of any width, and none for a record that does not say it.
  @Test(arguments: [80, 100])
  func tellsWhatTheAnswerWasHeldAgainst(_ width: Int) throws {
    var record = SampleReport.record
    func line() throws -> Substring? {
      let text = ScreenReport(width: width).text(try Report.sample(of: record), rest: "The rest.")
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.dropLast().count <= ScreenReport.lines, "\(text)")
      return lines.first { $0.hasPrefix("  Correct ") }
    }
    #expect(try line() == nil)
    for (against, words) in [
      (.operators, "within 3.0×10⁻⁷ of float64 loops of all operators"),
      (.kernels, "within 3.0×10⁻⁷ of float64 products with weights"),
    ] as [(CaseRecord.Correctness.Basis, String)] {
      for index in record.cases.indices { record.cases[index].correctness.against = against }
      #expect(try line()?.hasSuffix(words) == true, "\(words)")
    }
    // A run ends with rate, cost and cost to train, as before.
    let ending = ScreenReport(width: width).ending(
      of: try Report.sample(of: record).document, rest: "The rest.")
    #expect(ending.contains("Cost to train") && !ending.contains("Correct"))
  }

  @Test func theHeadlineCountsTheClaimsThatHold() throws {
    var report = try SampleReport.report
    #expect(!TerminalReport().text(report).contains("Published claims that hold"))
    report.claims = try Claims.audit(local: LocalMeasurement(report.record)).claims
    let text = TerminalReport().text(report).split(separator: "\n")
    #expect(text.contains { $0.contains("Published claims that hold") && $0.contains("27 of 61") })
    #expect(text.contains { $0.contains("Speedup by software alone") && $0.contains("2.35x") })
  }

  /// Fits are drawn with their band, inside the days of their records only.
  @Test func theFitHasItsBand() throws {
    let chart = try #require(try SampleReport.report.inferenceChart)
    let fit = try #require(chart.series.first { $0.id == "inference-cost-fit" })
    let range = try #require(fit.solid)
    let banded = fit.points.filter { $0.interval != nil }
    #expect(banded.count == 25)
    for point in banded {
      #expect(range.contains(point.x))
      #expect(try #require(point.interval).contains(point.y))
    }
    #expect(fit.points.count > banded.count)
    #expect(fit.name.contains("4.4x cheaper a year"))
    let drawing = ChartRenderer.render(chart).text
    #expect(drawing.components(separatedBy: "class=\"ribbon\"").count == 2)
  }

  @Test func theRooflineSaysWhatLimitsTheLayers() throws {
    let text = TerminalReport().text(try SampleReport.report).split(separator: "\n")
      .joined(separator: " ")
    #expect(text.contains("What limits the 69 layers and directions of 'native'"))
    #expect(text.contains("The largest gap to the roofline is that of"))
  }

  /// The captions of the chart with all marks and with one, of which nothing is left unnamed.
  @Test func theRooflineSaysWhichMarksAreNamed() throws {
    var report = try SampleReport.report
    func caption() -> String? {
      report.document.sections.flatMap(\.blocks).lazy.compactMap { block -> String? in
        if case .chart(let chart) = block, chart.id == "roofline" { chart.summary } else { nil }
      }.first
    }
    let of69 = try #require(caption())
    #expect(of69.contains("Of 69 marks the twelve"), "\(of69)")
    report.roofline?.layers.removeLast(68)
    let ofOne = try #require(caption())
    #expect(ofOne.hasSuffix(" Marks are named as far as there is room."), "\(ofOne)")
  }

  /// Positions of a game have rates and prices of their own, in every form.
  @Test func positionsAreToldAsWhatTheyAre() throws {
    var record = SampleReport.record
    for index in record.cases.indices where record.cases[index].kind == .infer {
      var derived = record.cases[index].derived
      derived.item = "position"
      (derived.itemsPerSecond, derived.itemsPerSecondCi95) = (derived.rate, derived.rateCi95)
      (derived.imagesPerSecond, derived.imagesPerSecondCi95) = (nil, nil)
      (derived.usdPerBillionImages, derived.usdPerBillionImagesCi95) = (nil, nil)
      (derived.usdPerMillionPositions, derived.usdPerMillionPositionsCi95) = (2, [1.5, 2.5])
      record.cases[index].derived = derived
    }
    record.cases.removeAll { $0.kind == .train }
    let report = Report(record: record)
    #expect(report.answer.contains("positions/s on this machine: $2"), "\(report.answer)")
    #expect(report.answer.hasSuffix("for a million positions."), "\(report.answer)")
    let text = TerminalReport().text(report)
    #expect(text.contains("USD per 10⁶ positions") && !text.contains("images/s"), "\(text)")
    let lines = CSVReport().text(report).split(separator: "\r\n")
    #expect(
      lines.contains { $0.contains(",position,") && $0.contains(",2,") && $0.contains(",1.5,2.5,") }
    )
  }

  /// Models that read tokens have these, and their price, beside sequences.
  @Test func tokensStandBesideSequences() throws {
    var record = SampleReport.record
    for index in record.cases.indices where record.cases[index].kind == .infer {
      var derived = record.cases[index].derived
      derived.item = "sequence"
      (derived.itemsPerSecond, derived.itemsPerSecondCi95) = (derived.rate, derived.rateCi95)
      (derived.imagesPerSecond, derived.imagesPerSecondCi95) = (nil, nil)
      (derived.usdPerBillionImages, derived.usdPerBillionImagesCi95) = (nil, nil)
      (derived.usdPerMillionItems, derived.usdPerMillionItemsCi95) = (2, [1.5, 2.5])
      (derived.tokensPerSecond, derived.usdPerMillionTokens) = (4000, 0.5)
      record.cases[index].derived = derived
    }
    record.cases.removeAll { $0.kind == .train }
    let report = Report(record: record)
    #expect(report.answer.contains("for a million sequences; 4"), "\(report.answer)")
    #expect(report.answer.hasSuffix(" for a million."), "\(report.answer)")
    let text = TerminalReport().text(report)
    #expect(text.contains("tokens/s") && text.contains("per 10⁶ tokens"), "\(text)")
  }
}

import Harness
import Reporter
import Testing

/// Reports of what single commands measure: no more than what was measured.
@Suite struct KernelAnswerTests {
  /// What a command reports that measured only these kinds of the sample's cases.
  private func report(_ kinds: CaseRecord.Kind...) throws -> Report {
    var record = SampleReport.record
    record.cases.removeAll { !kinds.contains($0.kind) }
    var report = Report(record: record)
    report.roofline = try SampleReport.report.roofline
    report.peakShares = PeakShare.all(in: record)
    return report
  }

  private func texts(_ report: Report) -> [String] {
    [
      TerminalReport().text(report), MarkdownReport().text(report), HTMLReport().text(report),
    ]
  }

  @Test func kernelsLeadWithThePeakAndSayNothingOfNetworks() throws {
    let report = try report(.gemm, .conv)
    #expect(report.answer == "Kernels reach up to 94.9 % of this machine's measured FMA peak.")
    for text in texts(report) {
      for word in ["No inference", "training costs", "Cost curves", "claims,", "billion"] {
        #expect(!text.contains(word), "\(word)")
      }
      #expect(text.contains("layer1.0.conv2"), "the layers under the roof are what was asked for")
      #expect(text.contains("with their gap to it"))
    }
  }

  @Test func lowerPrecisionIsAShareOfItsOwnPeak() throws {
    var report = try report(.conv)
    report.roofline = nil
    report.record.peaks.append(.init(threads: 2, precision: .bf16, rate: 366))
    for index in report.record.cases.indices {
      var name = report.record.cases[index].name
      name.precision = .bf16
      report.record.cases[index].id = name.description
    }
    report.peakShares = PeakShare.all(in: report.record)
    #expect(report.answer.hasSuffix("this machine's measured bf16 peak."), "\(report.answer)")
    let text = MarkdownReport().text(report)
    for words in ["Measured bf16 peak", "366", "What it reaches with products of bfloat16"] {
      #expect(text.contains(words), "\(words)")
    }
  }

  @Test func theRatioComesFirstWhereBothEnginesRan() throws {
    var report = try report(.gemm)
    report.engineRatios = .init(
      engine: "native", rival: "openblas",
      rows: (1...2).map {
        .init(
          name: "gemm/\($0)", algorithm: "a", ns: 1, rivalNs: 1, speedup: Double($0),
          interval: [Double($0), Double($0)])
      }, geometricMean: 1.41, interval: [1.38, 1.44], ahead: 2)
    #expect(report.answer.hasPrefix("'native' is 1.41x [1.38, 1.44] as fast as 'openblas'"))
    #expect(report.answer.hasSuffix("in the geometric mean of 2 shapes."))
  }

  @Test func roofsAreShownLevelByLevel() throws {
    var report = try report()
    report.roofline = nil
    report.record.cases = ["l2", "dram"].map { level in
      var item = SampleReport.record.cases[0]
      (item.id, item.kind) = ("peak/read-\(level)/t1", .peak)
      item.derived = .init()
      item.derived.gbPerS = level == "l2" ? 61.5 : 17.5
      return item
    }
    #expect(report.answer == "This machine's arithmetic reaches 183 GFLOP/s at best, on 2 threads.")
    let lines = TerminalReport().text(report).split(separator: "\n")
    #expect(lines.contains { $0.contains("peak/read-l2/t1") && $0.contains("61.5") })
    #expect(lines.contains { $0.contains("peak/read-dram/t1") && $0.contains("17.5") })
  }

  @Test func trainingAloneAnswersForTraining() throws {
    let report = try report(.train)
    #expect(report.answer.hasPrefix("ResNet-50 trains at 5.10 images/s on this machine: $"))
    let text = TerminalReport().text(report)
    #expect(!text.contains("Cost curves") && text.contains("costcurve run --quick"))
  }

  @Test func inferenceAloneDoesNotMissWhatWasNotAskedFor() throws {
    let report = try report(.infer)
    #expect(!report.limits.contains("training"))
    #expect(report.limits.contains("accuracy"))
  }
}

import Economics
import Harness
import Reporter
import TestSupport
import Testing

/// What a report says of energy, in every form.
@Suite struct EnergySectionTests {
  /// The sample's case of two threads at batch 16, with an energy, at 0.36 USD a kWh.
  private func report(_ energy: Energy?, watts: Double? = nil) -> Report {
    var record = SampleReport.briefRecord
    record.cases = [record.cases[3]]
    record.cases[0].derived.item = "image"
    record.cases[0].energy = energy
    if energy?.measured != nil {
      record.cases[0].derived.joulesPerItem = 1.53
      record.cases[0].derived.joulesPerItemCi95 = [1.42, 1.64]
    }
    record.setElectricity(.init(usdPerKwh: 0.36, watts: watts))
    return Report(record: record)
  }

  private var measured: Energy {
    get throws {
      .measured(
        try #require(
          Energy.Measured(
            joules: 300, seconds: 4, windows: 8, source: "powercap intel-rapl, CPU package only",
            domains: ["package-0", "package-1"])))
    }
  }

  private func words(_ text: String) -> String {
    text.replacing("\\", with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func whatWasMeasuredIsOfThePackageOnly() throws {
    let energy = try measured
    let report = report(energy, watts: 150)
    let texts = [
      TerminalReport().text(report), MarkdownReport().text(report), HTMLReport().text(report),
      ScreenReport().text(report, rest: "The rest."),
    ].map(words)
    for text in texts {
      #expect(text.contains("CPU package only"), "\(text)")
      #expect(text.contains("1.53") && text.contains("[1.42, 1.64]"), "\(text)")
      #expect(!text.contains("not measured: "), "\(text)")
    }
    #expect(texts[3].contains("Energy of inference 1.53 J per image"), "\(texts[3])")
    #expect(texts[3].contains("$0.153 of electricity per 10⁶ images, 75.0 W"), "\(texts[3])")
    #expect(report.energySection?.blocks.count == 1)
  }

  @Test func whatIsEstimatedStandsInAnotherTable() throws {
    let report = report(.unmeasurable("no RAPL in this guest"), watts: 150)
    let section = try #require(report.energySection)
    let ids = section.blocks.compactMap { block -> String? in
      if case .table(let table) = block { table.id } else { nil }
    }
    #expect(ids == ["energy-estimated"])
    let text = words(TerminalReport().text(report))
    #expect(text.contains("stated with --watts"), "\(text)")
    #expect(text.contains("Energy is unmeasurable here: no RAPL in this guest."), "\(text)")
    #expect(!text.contains("Energy of inference"))
    let csv = CSVReport().text(report).split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    func cell(_ name: String) throws -> String {
      csv[1][try #require(csv[0].firstIndex(of: name))]
    }
    #expect(try cell("energy_status") == "estimated" && cell("joules_per_item").isEmpty)
    #expect(try cell("energy_joules").isEmpty && !cell("estimated_energy_joules").isEmpty)
    #expect(try cell("energy_reason") == "no RAPL in this guest")
  }

  @Test func aGuestSaysUnmeasurableAndWhy() throws {
    let report = report(.unmeasurable("no RAPL in this guest"))
    for text in [TerminalReport().text(report), MarkdownReport().text(report)].map(words) {
      #expect(text.contains("Energy is unmeasurable here: no RAPL in this guest."), "\(text)")
    }
    #expect(report.limits.contains("energy (no RAPL in this guest)"))
    let screen = words(ScreenReport().text(report, rest: "The rest."))
    #expect(screen.contains("energy (no RAPL in this guest)"), "\(screen)")
    #expect(CSVReport().text(report).contains("unmeasurable"))
  }

  @Test func whereNobodyAskedNothingIsSaid() {
    let report = report(nil)
    #expect(report.energySection == nil && !report.limits.contains("energy"))
    #expect(!CSVReport().text(report).contains("energy_status"))
  }
}

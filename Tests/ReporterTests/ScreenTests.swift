import Economics
import Foundation
import Harness
import Reporter
import Testing

/// What a command prints unless asked for all: the answer, and where the rest is, on one screen.
@Suite struct ScreenTests {
  private func lines(_ text: String) -> [Substring] {
    #expect(text.last == "\n")
    return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test(arguments: [80, 100])
  func aReportIsAnsweredOnAScreen(_ width: Int) throws {
    let report = try SampleReport.report
    let text = ScreenReport(width: width).text(report, rest: "The rest is elsewhere.\nAnd here.")
    let lines = lines(text)
    #expect(lines.count <= ScreenReport.lines && lines.allSatisfy { $0.count <= width }, "\(text)")
    #expect(text.contains(report.answer.prefix(40)), "\(text)")
    // Interval, condition and what could not be told.
    #expect(text.contains("95 % [23.7, 24.9]") && text.contains("batch 16, 2 threads, native"))
    #expect(text.contains("This run could not show"))
    #expect(lines.suffix(2) == ["The rest is elsewhere.", "And here."])
    #expect(TerminalReport(width: width).text(report).split(separator: "\n").count > 100)
  }

  @Test func whatCastsDoubtStandsFirst() throws {
    var record = SampleReport.record
    record.context.noise.otherProcessesPercent = 61
    record.validity = nil
    let report = try Report.sample(of: record)
    let screen = lines(ScreenReport().text(report, rest: "The rest."))
    #expect(screen.count <= ScreenReport.lines)
    #expect(screen[0].hasPrefix("! The machine was busy"))
    let text = ScreenReport().ending(of: report.document, rest: "The rest.")
    let ending = lines(text)
    #expect(ending[0].hasPrefix("! The machine was busy"))
    #expect(ending.count <= 20 && !text.contains("…"), "\(text)")
    #expect(
      text.contains("61.0 % of the CPU time") && text.contains("→ Stop other work"), "\(text)")
    // All reasons and remedies, of which a screen has room for the first.
    record.context.noise.otherProcessesPercent = 1
    record.validity = RunValidity(
      doubts: (1...9).map { number in
        .init(
          "Reason \(number) in words that fill most of a line of the terminal",
          figure: "\(number) %", remedy: "Do thing \(number).")
      })
    let all = ScreenReport().ending(of: try Report.sample(of: record).document, rest: "The rest.")
    let words = all.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for number in 1...9 {
      #expect(
        words.contains("Reason \(number) in words") && words.contains("→ Do thing \(number)."))
    }
  }

  @Test func aRunEndsWithAFewLines() throws {
    let report = try SampleReport.report
    let text = ScreenReport().ending(
      of: report.document, rest: "All of it: report/report.html.\n'x' prints it.")
    let lines = lines(text)
    #expect((5...15).contains(lines.count) && lines.allSatisfy { $0.count <= 100 }, "\(text)")
    #expect(lines[0].hasPrefix("ResNet-50 inference: 24.4 images/s; 95 % [23.7, 24.9]; batch 16"))
    #expect(lines.last == "'x' prints it.")
    // Conditions, price and what could not be told stand there whole.
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for part in [
      " Cost of inference: $1 093 per 10⁹ images; 95 % [$1 070, $1 124]; the cheapest measured, "
        + "batch 16, 2 threads, native; $0.0960 an hour, on-demand, sample.large, 2026-07-20 ",
      " Cost to train ResNet-50: $603 for 90 epochs of ImageNet; 95 % [",
      " extrapolated from the measured step, batch 16, 2 threads, native ", report.limits,
    ] { #expect(words.contains(part), "\(text)") }
  }

  /// Whatever a record says, the screen is no longer and no wider, and drives no terminal.
  @Test(arguments: RobustnessTests.hostile.indices)
  func hostileStringsStayOnTheScreen(_ index: Int) throws {
    let report = try SampleReport.report(saying: RobustnessTests.hostile[index])
    for text in [
      ScreenReport(width: 80).text(report, rest: RobustnessTests.hostile[index]),
      ScreenReport(width: 80).ending(
        of: report.document, rest: RobustnessTests.hostile[index]),
    ] {
      #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
      // The end of a run is of its own words: nothing of it is cut to a screen.
      #expect(lines(text).count <= 2 * ScreenReport.lines)
    }
    let screen = ScreenReport(width: 80).text(report, rest: RobustnessTests.hostile[index])
    #expect(lines(screen).count <= ScreenReport.lines)
  }

  private func document(rows: Int) -> Document {
    let table = DataTable(
      id: "t", caption: "Numbers", columns: [.init("Number", isNumber: true)],
      rows: (0..<rows).map { [.init("\($0)", number: Double($0))] })
    return Document(
      title: "Title", subtitle: "Subtitle",
      sections: [
        .init(id: "answer", title: "A", short: "A", lead: "The answer.", blocks: [.table(table)]),
        .init(id: "b", title: "Beyond", short: "B", lead: "", blocks: [.paragraph("Never seen.")]),
      ])
  }

  @Test func aLongTableSaysHowMuchIsLeftOut() {
    let text = ScreenReport().text(document(rows: 200), rest: "--full prints all.")
    let lines = lines(text)
    #expect(lines.count == ScreenReport.lines, "\(text)")
    let more = lines.first { $0.contains(" more") }
    let left = more?.split(separator: " ").compactMap { Int($0) }.first ?? 0
    let shown = lines.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    #expect(shown == Array(0..<(200 - left)) && left > 150, "\(text)")
    // A heading without what belongs under it is none.
    #expect(!text.contains("Beyond") && lines.last == "--full prints all.")
  }

  @Test func whatFitsIsShownWhole() {
    let short = document(rows: 5)
    let text = ScreenReport().text(short, rest: "--full prints all.")
    #expect(text == TerminalReport().text(short))
    #expect(!text.contains("--full"))
    // Of more than that the short form is not all.
    let part = ScreenReport().text(short, of: document(rows: 90), rest: "--full prints all.")
    #expect(part.contains("Never seen.") && part.contains("--full"))
  }

  @Test func severalRunsStandSideBySide() throws {
    var other = SampleReport.record
    other.context.machine.cpu = "Another Processor"
    var report = try Report.sample(of: SampleReport.record)
    report.others = [other]
    let text = ScreenReport().text(report, rest: "The rest.")
    #expect(lines(text).count <= ScreenReport.lines)
    #expect(text.contains("Side by side") && text.contains("Another Processor"), "\(text)")
    #expect(text.contains("not interleaved"))
  }
}

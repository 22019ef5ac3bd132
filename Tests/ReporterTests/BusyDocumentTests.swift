import Foundation
import Harness
import Reporter
import Testing

/// A doctor's findings and a comparison on a busy machine: that is said before all else.
@Suite struct BusyDocumentTests {
  private func context(busy: Bool) -> Context {
    var context = SampleReport.record.context
    context.noise.otherProcessesPercent = busy ? 48.2 : 0.5
    return context
  }

  private func findings(busy: Bool, hasValidity: Bool = true) throws -> Doctor.Findings {
    let context = context(busy: busy)
    let text = """
      {"schema": "costcurve.doctor", "schemaVersion": 1, "canaries": [], "pairs": 8,
      "context": \(String(decoding: try JSONEncoder().encode(context), as: UTF8.self)),
      "falseVerdictPercent": 0, "samePercent": 100, "sequentialFalsePercent": 40}
      """
    var findings = try JSONDecoder().decode(Doctor.Findings.self, from: Data(text.utf8))
    if hasValidity {
      findings.validity = RunValidity(doubts: RunValidity.ofMachine(context.noise))
    }
    return findings
  }

  /// A comparison of one case with this verdict.
  private func comparison(
    busy: Bool, verdict: Verdict = .same, correctness: CaseRecord.Correctness.Status = .passed
  ) throws -> ComparisonRecord {
    let item = """
      [{"id": "gemm/8x8x8/t1", "verdict": "\(verdict.rawValue)", "ratio": 1, "reason": "made up",
      "margin": 0.02, "provisional": false, "regression": false, "processCount": 3, "pairCount": 9,
      "correctness": "\(correctness.rawValue)", "cleanPercent": 100, "peers": [], "processes": [],
      "repeat": "again"}]
      """
    let cases = try JSONDecoder().decode([ComparisonRecord.Case].self, from: Data(item.utf8))
    return ComparisonRecord(
      context: context(busy: busy), arms: ["main", "branch"], seed: 1, cases: cases)
  }

  private func head(_ text: String) -> String {
    text.split(separator: "\n").prefix(3).joined(separator: " ")
  }

  private func expectFirst(_ words: String, in document: Document) throws {
    #expect(head(TerminalReport().text(document)).contains(words))
    #expect(head(MarkdownReport().text(document)).contains(words))
    let page = HTMLReport().text(document)
    let (notice, headline) = (page.range(of: words), page.range(of: "<h1"))
    #expect(try #require(notice).lowerBound < #require(headline).lowerBound)
  }

  @Test func theDoctorSaysFirstThatTheMachineWasBusy() throws {
    // Findings of an earlier version have no validity of their own.
    for hasValidity in [true, false] {
      let busy = try findings(busy: true, hasValidity: hasValidity)
      try expectFirst("machine was busy", in: Document(busy))
      #expect(TerminalReport().text(Document(busy)).contains("48.2 %"))
    }
    let json = try RecordJSON.text(try findings(busy: true))
    #expect(json.split(separator: "\n")[1].contains("\"validity\""))
    #expect(Document(try findings(busy: false)).notice == nil)
  }

  @Test func aComparisonSaysFirstWhatItCouldNotEstablish() throws {
    let busy = try comparison(busy: true)
    try expectFirst("machine was busy", in: Document(busy))
    #expect(busy.validity?.ok == false)
    let json = try RecordJSON.text(busy)
    #expect(json.split(separator: "\n")[1].contains("\"validity\""))
    #expect(
      try ResultRecord.decoder().decode(ComparisonRecord.self, from: Data(json.utf8)) == busy)
    let quiet = try comparison(busy: false)
    #expect(quiet.validity == RunValidity(doubts: []) && Document(quiet).notice == nil)
  }

  @Test(arguments: [
    (Verdict.unstable, CaseRecord.Correctness.Status.passed, "too unsteady"),
    (.inconclusive, .passed, "too few rounds"), (.inconclusive, .failed, "wrong answers"),
  ])
  func aCaseThatStaysOpenIsADoubt(
    verdict: Verdict, correctness: CaseRecord.Correctness.Status, words: String
  ) throws {
    let record = try comparison(busy: false, verdict: verdict, correctness: correctness)
    let doubts = try #require(record.validity).doubts
    #expect(doubts.count == 1 && doubts[0].sentence.contains(words))
    #expect(doubts[0].figure == "1 of 1, first gemm/8x8x8/t1")
    try expectFirst("could not establish", in: Document(record))
  }

  @Test func aComparisonThatWaitedInVainSaysSo() throws {
    var context = context(busy: false)
    context.noise.neverQuiet = ["gemm/8x8x8/t1"]
    let record = ComparisonRecord(context: context, arms: ["a", "b"], seed: 1, cases: [])
    try expectFirst("could not establish", in: Document(record))
    #expect(TerminalReport().text(Document(record)).contains("never became quiet"))
  }
}

import Economics
import Harness
import Reporter
import Testing

/// What a report says of a network that generates text.
@Suite struct TextSectionTests {
  /// A step of 80 tokens/s, its prompt, and the probe beside them.
  private func report(busy: Bool = false, priced: Bool = true) -> Report {
    var record = SampleReport.record
    let sample = record.cases[2]
    record.cases = ["decode", "prefill"].map { part in
      var item = sample
      item.id = "\(part)/gpt2/b1/s1024/t2/native"
      item.kind = part == "decode" ? .decode : .prefill
      item.parameters = ["network": "gpt2"]
      item.derived = .init()
      item.derived.item = "token"
      let rate = part == "decode" ? 80.0 : 800
      (item.derived.itemsPerSecond, item.derived.tokensPerSecond) = (rate, rate)
      item.derived.itemsPerSecondCi95 = [0.9 * rate, 1.1 * rate]
      item.derived.tokensPerSecondCi95 = item.derived.itemsPerSecondCi95
      item.derived.gbPerS = part == "decode" ? 20 : nil
      item.derived.timeToFirstTokenMs = part == "decode" ? nil : 1280
      return item
    }
    record.price = nil
    if priced { record.setPrice(.given(usdPerHour: 0.36)) }
    record.context.noise.otherProcessesPercent = busy ? 61 : 0
    return Report(record: record.withBandwidthShares())
  }

  @Test func answersWithTheStepAndTheFirstToken() {
    let report = report()
    #expect(
      report.answer.hasPrefix(
        "GPT-2 generates 80.0 tokens/s at position 1\u{A0}024 on this machine, 84."))
    #expect(report.answer.contains(" % of the memory bandwidth: $1.25 for a million tokens."))
    #expect(report.answer.hasSuffix("after 1.28 s of a prompt of 1\u{A0}024 tokens."))
    let busy = self.report(busy: true).answer
    #expect(busy.hasPrefix("GPT-2 generated text beside other work: at least 80.0 tokens/s"))
    #expect(!self.report(priced: false).answer.contains("$"))
  }

  @Test func everyFormTellsAllOfIt() throws {
    let report = report()
    let screen = ScreenReport().text(report, rest: "The rest.")
    #expect(screen.count { $0 == "\n" } <= 40, "\(screen)")
    let words = screen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for word in [
      "GPT-2 decode 80.0 tokens/s", "Share of measured bandwidth", "Cost of decode $1.25",
      "GPT-2 prefill 800 tokens/s", "Cost of prefill $0.125", "Time to first token",
      "of 24.9 GB/s read from memory",
    ] {
      #expect(words.contains(word), "\(word): \(screen)")
    }
    let markdown = MarkdownReport().text(report)
    #expect(markdown.contains("USD per 10⁶ tokens"))
    for text in [TerminalReport().text(report), markdown] {
      #expect(text.contains("decode/gpt2/b1/s1024/t2/native"))
      #expect(!text.contains("images/s"))
    }
    let rows = CSVReport().text(report).split(separator: "\r\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false)
    }
    try #require(rows.allSatisfy { $0.count == rows[0].count })
    let place = try #require(rows[0].firstIndex(of: "usd_per_million_tokens"))
    #expect(Double(rows[1][place]).map { abs($0 - 1.25) < 1e-9 } == true)
    let time = try #require(rows[0].firstIndex(of: "time_to_first_token_ms"))
    #expect(rows[2][time] == "1280")
  }

  /// The step names the prompt: another batch's is not its.
  @Test func aPromptBelongsToItsStep() {
    var record = report().record
    record.cases[1].id = "prefill/gpt2/b8/s1024/t2/native"
    #expect(record.cheapestStep?.id == "decode/gpt2/b1/s1024/t2/native")
    #expect(record.cheapestPrompt == nil)
    record.cases.remove(at: 0)
    #expect(record.cheapestPrompt?.id == "prefill/gpt2/b8/s1024/t2/native")
  }
}

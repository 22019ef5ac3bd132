import Foundation
import Harness
import TestSupport
import Testing

/// `infer --decode`, as a process.
@Suite struct DecodeCommandTests {
  @Test func tellsAStepItsPromptAndTheBandwidth() throws {
    let run = try CommandProcess(
      [
        "infer", "gpt2", "--decode", "--sequence", "4", "--threads", "1", "--quick", "--duration",
        "100ms", "--no-save", "--usd-per-hour", "0.36", "--format", "json",
      ], timeout: 300)
    // Beside other tests a probe may have been disturbed, and a rate is refused then.
    #expect(run.status == 0 || run.status == 7, "\(run.errors)")
    let data = Data(run.output.utf8)
    #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    #expect(
      record.cases.map(\.id) == [
        "decode/gpt2/b1/s4/t1/native", "prefill/gpt2/b1/s4/t1/native", "peak/read-dram/t1",
      ])
    #expect(record.peaks.contains { $0.threads == 1 && $0.bandwidthGbPerS != nil })
    for (item, tokens) in zip(record.cases, [1.0, 4]) {
      #expect(item.correctness.status == .passed, "\(item.correctness)")
      #expect(item.accuracy.status == "not evaluated" && item.derived.item == "token")
      let median = try #require(item.statistics?.medianNs)
      let rate = try #require(item.derived.tokensPerSecond)
      #expect(abs(rate * median / (tokens * 1e9) - 1) < 1e-9)
      #expect(rate == item.derived.itemsPerSecond)
      let cost = try #require(item.derived.usdPerMillionTokens)
      #expect(abs(cost * rate * 3600 / 1e6 / 0.36 - 1) < 1e-9)
      #expect(item.derived.imagesPerSecond == nil && item.derived.latencyMs != nil)
    }
    let (step, prompt) = (record.cases[0].derived, record.cases[1].derived)
    #expect(step.gbPerS ?? 0 > 0 && step.timeToFirstTokenMs == nil)
    #expect((step.percentOfBandwidth != nil) != (step.percentOfBandwidthWithheld != nil))
    #expect(prompt.timeToFirstTokenMs == record.cases[1].statistics.map { 1e-6 * $0.medianNs })
    #expect(prompt.gbPerS == nil && prompt.percentOfBandwidth == nil)
    #expect(record.cases[0].repeat.hasPrefix("costcurve infer --decode --network gpt2 "))
  }

  @Test(arguments: [
    (["infer", "resnet18", "--decode"], "does not generate text; choose one of gpt2"),
    (["infer", "--decode"], "resnet50 reads images"),
    (["infer", "bert-base", "--decode"], "by later ones too"),
    (["infer", "gpt2", "--decode", "--sequence", "2000"], "1 to 1024 tokens"),
    (["infer", "gpt2", "--decode", "--cheapest"], "--cheapest"),
    (["infer", "gpt2", "--decode", "--autotune"], "--autotune"),
    (["infer", "gpt2", "--decode", "--precision", "int8"], "float32 alone"),
  ])
  func refusesWithASentence(_ arguments: [String], _ words: String) throws {
    let outcome = try CommandProcess(arguments + ["--no-save"])
    #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func aModelOfAFileIsGivenWholeTexts() throws {
    let files = try ModelFiles()
    let path = try files.network()
    let outcome = try CommandProcess(["infer", "--model", path, "--decode", "--no-save"])
    #expect(outcome.status == 64 && outcome.errors.contains("whole texts"), "\(outcome.errors)")
    withExtendedLifetime(files) {}
  }

  @Test func comparesPartsOfGeneratingText() throws {
    let list = ["compare", "native", "openblas", "--network", "gpt2", "--threads", "1", "--list"]
    let outcome = try CommandProcess(list + ["--filter", "^(decode|prefill)/"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output == "decode/gpt2/b1/s1024/t1/native\nprefill/gpt2/b1/s1024/t1/native\n")
  }
}

import Foundation
import TestSupport
import Testing

/// `costcurve train --text` and `costcurve efficiency --text` as processes.
@Suite struct TrainTextTests {
  private let directory: TemporaryDirectory
  private let text: String

  init() throws {
    directory = try TemporaryDirectory()
    // Eleven blocks, of which one is for the test.
    let line = "a line of text with a few words in it\n"
    text = try directory.file("text.txt", Data(String(repeating: line, count: 1100).utf8))
  }

  /// Runs a command with some options, each of which may be given again in its place.
  private func start(
    _ command: String, _ usual: [(String, String)], _ more: [String]
  ) throws -> CommandProcess {
    let kept = usual.filter { !more.contains($0.0) }.flatMap { [$0.0, $0.1] }
    return try CommandProcess([command] + kept + more, timeout: 300)
  }

  private func train(_ folder: String, _ more: [String] = []) throws -> CommandProcess {
    try start(
      "train",
      [
        ("--text", text), ("--sequence", "32"), ("--batch-size", "16"), ("--epochs", "2"),
        ("--seed", "5"), ("--run-directory", directory.path(folder)),
      ], more)
  }

  private func content(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: directory.path(path)))
  }

  @Test func resumedItEndsWithTheSameWeights() throws {
    let whole = try train("whole", ["--format", "json", "--usd-per-hour", "0.5"])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try TrainDatasetTests.violations("text-training", whole.output) == [])
    // 127 sequences of 32 bytes in a block of 4096, of which 7 batches of 16 are told.
    #expect(whole.output.contains("\"test_bytes\" : 3584"), "\(whole.output)")
    let lines = whole.errors.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains("nats/byte") }, "\(whole.errors)")

    // Any loss is below this one, so that it ends behind the first epoch.
    let part = try train("part", ["--until-loss", "100"])
    #expect(part.status == 0, "\(part.errors)")
    let answer = part.output.replacing(/\s+/, with: " ")
    #expect(answer.contains("after 1 epoch of 37 704 bytes"), "\(answer)")
    #expect(answer.contains(" nats/byte of held-out text after"), "\(answer)")
    #expect(try train("part").status == 6, "an earlier training is not overwritten")
    let resumed = try train("part", ["--resume"])
    #expect(resumed.status == 0 && resumed.errors.hasPrefix("epoch 2/2 "), "\(resumed.errors)")
    #expect(try content("part/weights.safetensors") == content("whole/weights.safetensors"))
    let losses = try ["part", "whole"].map {
      try TrainDatasetTests.curve(content("\($0)/epochs.tsv")).map { $0.suffix(2) }
    }
    #expect(losses[0] == losses[1] && losses[0].count == 3)
    // More epochs would be refused here, as the course of the learning rate is of all.
    let missed = try train("part", ["--resume", "--until-loss", "0.001"])
    #expect(missed.status == 1 && missed.errors.contains("--epochs with --restart"))
    #expect(try train("part", ["--resume", "--epochs", "3"]).status == 1)

    try Data(repeating: 65, count: 41_800).write(to: URL(fileURLWithPath: text))
    let other = try train("part", ["--resume"])
    #expect(other.status == 1 && other.errors.contains("another text"), "\(other.errors)")
  }

  @Test(
    arguments: [
      (["--network", "resnet20"], 64, "choose one of gpt2-bytes, lstm-bytes"),
      (["--dataset", "fashion-mnist"], 64, "choose one"), (["--momentum", "0.9"], 64, "AdamW"),
      (["--sequence", "129"], 64, "1 to 128"), (["--until-accuracy", "0.9"], 64, "--dataset"),
      (["--batch-size", "2000"], 1, "the text has"), (["--text", "nowhere"], 5, "nowhere"),
      (["--explain"], 64, "--text"), (["--until-loss", "0"], 64, "above 0"),
      (["--ranks", "2"], 64, "leave out --explain, --input and --text"),
      (["--shards", "2"], 64, "--dataset"),
      (["--precision", "bf16"], 64, "in float32"),
      (["--weights", "w.safetensors"], 64, "leave out --weights"),
      (["--classes", "10"], 64, "fresh weights"), (["--input-size", "32"], 64, "fresh weights"),
      (["--usd-per-kwh", "0.3"], 64, "no energy is recorded"),
    ] as [([String], Int32, String)])
  func refusesWhatCannotBe(more: [String], status: Int32, word: String) throws {
    let run = try train("run", more)
    #expect(run.status == status && run.errors.contains(word), "\(run.errors)")
    #expect(!directory.names().contains("run"))
  }

  /// As many steps of both take as many operations, so that a loss that any step reaches gives 1.
  @Test func comparesAnLSTMWithATransformer() throws {
    func efficiency(_ more: [String]) throws -> CommandProcess {
      try start(
        "efficiency",
        [("--text", text), ("--seeds", "2"), ("--epochs", "1"), ("--looks", "2")],
        ["--without-images"] + more)
    }
    let run = try efficiency(["--until-loss", "100", "--format", "json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try TrainDatasetTests.violations("efficiency", run.output) == [])
    let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let texts = try #require(object?["texts"] as? [String: Any])
    let gain = try #require(texts["gain"] as? [String: Any])
    let ratio = try #require(gain["ratio"] as? Double)
    #expect(abs(ratio - 951_552.0 / 950_272) < 1e-9, "\(ratio)")
    let published = gain["published"] as? [String: Any]
    #expect(published?["stated"] as? Double == 61)
    let networks = texts["networks"] as? [[String: Any]]
    #expect(networks?.map { $0["network"] as? String } == ["lstm-bytes", "gpt2-bytes"])
    let runs: [[String: Any]] = (networks ?? []).flatMap { $0["runs"] as? [[String: Any]] ?? [] }
    // The names of the other kind are absent.
    let names = ["bytes", "epochs", "flop", "reached", "seconds", "seed", "test_loss"]
    #expect(runs.count == 4 && runs.allSatisfy { $0.keys.sorted() == names }, "\(runs)")
    #expect(runs.allSatisfy { ($0["test_loss"] as? Double ?? 0) > 0 }, "\(runs)")

    let missed = try efficiency(["--until-loss", "0.001", "--seeds", "1"])
    #expect(missed.status == 1 && missed.errors.contains("not every run reached the loss"))
    let answer = missed.output.replacing(/\s+/, with: " ")
    #expect(answer.contains("It does not test the 61x") && answer.contains("MISSED"), "\(answer)")
    #expect(answer.contains("of them held out"), "\(answer)")
    let alone = try CommandProcess(["efficiency", "--without-images"])
    #expect(alone.status == 64 && alone.errors.contains("--text"))
    let untold = try CommandProcess(["efficiency", "--text", text])
    #expect(untold.status == 64 && untold.errors.contains("--text needs --until-loss"))
    #expect(untold.errors.contains("--until-loss 0.01"), "\(untold.errors)")
    let images = try CommandProcess(["efficiency", "--until-loss", "1.5"])
    #expect(images.status == 64 && images.errors.contains("--until-loss needs --text"))
  }
}

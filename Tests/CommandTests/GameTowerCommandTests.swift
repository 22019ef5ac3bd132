import Formats
import Foundation
import Harness
import Models
import TestSupport
import Testing

/// Commands on a network that judges positions of a game and gives two outputs, as processes.
struct GameTowerCommandTests {
  private static let chess = "alphazero-chess"

  private func predict(
    _ files: ArrayFiles, _ input: String, _ outputs: [String], network: String = chess,
    more: [String] = []
  ) throws -> CommandProcess {
    try CommandProcess(
      ["predict", "--network", network, "--input", input]
        + outputs.flatMap { ["--output", $0] } + more, timeout: 120)
  }

  @Test func inferTellsPositionsAndTheirPrice() throws {
    let arguments = [
      "infer", "--network", Self.chess, "--batch-size", "2", "--threads", "1", "--duration",
      "100ms", "--quick", "--no-save", "--usd-per-hour", "0.36",
    ]
    let outcome = try CommandProcess(arguments + ["--format", "json"], timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.id == "infer/alphazero-chess/b2/t1/native")
    #expect(item.correctness.status == .passed)
    #expect(item.derived.item == "position")
    #expect(item.derived.imagesPerSecond == nil && item.derived.usdPerBillionImages == nil)
    #expect(item.derived.trainingTarget == nil && item.derived.usdToTrain == nil)
    let rate = try #require(item.derived.itemsPerSecond)
    let cost = try #require(item.derived.usdPerMillionPositions)
    #expect(abs(cost * 3600 * rate / 1e6 - 0.36) < 1e-9)
    #expect(item.flop.direct == 2 * 2 * 1_500_545_280)
    let text = try CommandProcess(arguments, timeout: 120).output
      .replacing(#/\s+/#, with: " ")
    #expect(text.contains("positions/s") && text.contains("a million positions"), "\(text)")
    #expect(!text.contains("images/s"), "\(text)")
  }

  @Test func predictWritesBothOutputs() throws {
    let files = try ArrayFiles()
    let input = try files.images([3, 119, 8, 8], of: 0.5)
    let (policy, value) = (files.directory.path("p.npy"), files.directory.path("v.npy"))
    let run = try predict(
      files, input, ["policy=\(policy)", "value=\(value)"], more: ["--format", "json"])
    #expect(run.status == 0, "\(run.errors)")
    struct Summary: Decodable {
      var outputs: [String: String]
    }
    let summary = try JSONDecoder().decode(Summary.self, from: Data(run.output.utf8))
    #expect(summary.outputs == ["policy": policy, "value": value])
    let moves = try NPYFile(path: policy, element: .float32, rank: 2)
    #expect(moves.shape == [3, 4672])
    let judged = try NPYFile(path: value, element: .float32, rank: 2)
    #expect(judged.shape == [3, 1])
    #expect(try judged.readTensor().values.allSatisfy { abs($0) <= 1 })
    let one = try predict(files, input, ["value=\(files.directory.path("one.npy"))"])
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.output.hasPrefix("3 positions by alphazero-chess"))
  }

  @Test func refusesWhatATowerHasNot() throws {
    let files = try ArrayFiles()
    let input = try files.images([1, 119, 8, 8], of: 0.5)
    let output = "policy=\(files.directory.path("y.npy"))"
    let plain = try predict(files, input, [files.directory.path("y.npy")])
    PredictTests.expectRefusal(plain, 64, "--output policy=policy.npy --output value=", files)
    let twice = try predict(files, input, [output, output])
    PredictTests.expectRefusal(twice, 64, "two files", files)
    let labels = try predict(files, input, [output], more: ["--labels", files.labels([1])])
    PredictTests.expectRefusal(labels, 64, "--labels does not apply", files)
    let board = try files.images([1, 119, 9, 9], of: 0, named: "b.npy")
    PredictTests.expectRefusal(try predict(files, board, [output]), 1, "plays on 8 x 8", files)
    for (arguments, status, word) in [
      (
        ["train", "--network", Self.chess, "--input", "x", "--labels", "y"], 64,
        "learns from positions"
      ),
      (["infer", "--network", Self.chess, "--input-size", "9", "--no-save"], 64, "8 x 8"),
      (["infer", "--network", Self.chess, "--classes", "9", "--no-save"], 64, "4672 numbers"),
      (
        ["cost", "--train-images-per-second", "1", "--network", Self.chess], 5, "no training target"
      ),
    ] {
      let run = try CommandProcess(arguments)
      #expect(
        run.status == Int32(status) && run.errors.contains(word), "\(arguments): \(run.errors)")
    }
  }

  /// torchvision's file of Inception has a classifier that only training reads.
  @Test func readsInceptionsWeightsWithTheAuxiliaryClassifier() throws {
    let files = try ArrayFiles()
    let auxiliary = [("AuxLogits.fc.weight", [10, 768]), ("AuxLogits.fc.bias", [10])]
    let tensors = try ArrayFiles.tensors("inception_v3") + auxiliary
    let run = try PredictTests.predict(
      files, weights: files.weights(tensors), input: files.images([1, 3, 75, 75], of: 0.5),
      network: "inception_v3")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("1 image, 10 classes by inception_v3"))
    let extra = try files.weights(tensors + [("Other.weight", [1])], named: "extra.safetensors")
    let refused = try PredictTests.predict(
      files, weights: extra, input: files.images([1, 3, 75, 75], of: 0.5),
      output: files.directory.path("z.npy"), network: "inception_v3")
    #expect(refused.status == 1 && refused.errors.contains("has tensor Other.weight"))
  }
}

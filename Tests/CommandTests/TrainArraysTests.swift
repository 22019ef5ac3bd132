import Basics
import Formats
import Foundation
import Models
import TestSupport
import Testing

/// `costcurve train` on given arrays and `costcurve verify`, as processes.
@Suite struct TrainArraysTests {
  /// Trains a network on two images of noise, by steps of OpenBLAS.
  static func train(
    _ files: ArrayFiles, _ more: [String], network: String = "resnet18",
    shape: [Int] = [2, 3, 64, 64]
  ) throws -> CommandProcess {
    var random = SeededRandom(seed: 4)
    let images = files.directory.path("x.npy")
    try NPYFile.write(
      Tensor(shape: shape, values: random.floats(shape.reduce(1, *))), to: images)
    return try CommandProcess(
      [
        "train", "--network", network, "--input", images, "--labels", files.labels([3, 8]),
        "--engine", "openblas",
      ] + more)
  }

  @Test func reportsOneLossAStepAndSavesTheWeights() throws {
    let files = try ArrayFiles()
    let saved = files.directory.path("v.safetensors")
    let first = try Self.train(
      files, ["--steps", "2", "--learning-rate", "0.001", "--save-weights", saved])
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("2 steps: a loss of "), "\(first.output)")
    #expect(first.output.matches(of: /\n +\d +\d\.\d+\n/).count > 0, "\(first.output)")

    let whole = try Self.train(
      files, ["--steps", "3", "--learning-rate", "0.001", "--momentum", "0", "--format", "json"])
    struct Record: Decodable {
      var schema: String
      var losses: [Double]
    }
    let record = try JSONDecoder().decode(Record.self, from: Data(whole.output.utf8))
    #expect(record.schema == "costcurve.result")
    #expect(record.losses.count == 3)
    #expect(record.losses[2] < record.losses[0])

    let network = try WeightFile(path: saved, network: "resnet18").network
    #expect(network.classes == 1000)
    #expect(files.directory.names() == ["l.npy", "v.safetensors", "x.npy"])
  }

  @Test func refusesPipesAndFolders() throws {
    let files = try ArrayFiles()
    let pipe = files.directory.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let images = try files.images([2, 3, 64, 64], of: 0.5)
    let labels = try files.labels([3, 8])
    for (input, labels, word) in [
      (pipe, labels, "a pipe"), (images, pipe, "a pipe"),
      (images, files.directory.root, "directory"),
    ] {
      let run = try CommandProcess(
        ["train", "--network", "resnet18", "--input", input, "--labels", labels], timeout: 20)
      PredictTests.expectRefusal(run, 1, word, files)
    }
    let reference = try CommandProcess(["verify", "--reference", pipe], timeout: 20)
    #expect(reference.status == 1)
    #expect(reference.errors.contains("not a folder"))
  }

  @Test func refusesFlagsThatMakeNoSense() throws {
    let files = try ArrayFiles()
    for (more, word) in [
      (["--steps", "0"], "--steps"), (["--learning-rate", "-1"], "--learning-rate"),
      (["--learning-rate", "nan"], "--learning-rate"), (["--momentum", "1"], "--momentum"),
      (["--weight-decay", "-1"], "--weight-decay"),
    ] {
      PredictTests.expectRefusal(try Self.train(files, more), 64, word, files)
    }
    let alone = try CommandProcess(["train", "--labels", files.labels([1])])
    PredictTests.expectRefusal(alone, 64, "belong together", files)
  }

  @Test func writesNothingWhereTheLossExplodes() throws {
    let files = try ArrayFiles()
    let saved = files.directory.path("v.safetensors")
    let run = try Self.train(files, ["--learning-rate", "1e30", "--save-weights", saved])
    PredictTests.expectRefusal(run, 1, "--learning-rate", files)
    #expect(!files.directory.names().contains("v.safetensors"))
  }

  @Test func refusesOneImageThatLeavesNothingToNormalise() throws {
    let files = try ArrayFiles()
    let run = try CommandProcess([
      "train", "--network", "resnet18", "--input", files.images([1, 3, 32, 32], of: 1),
      "--labels", files.labels([1]),
    ])
    PredictTests.expectRefusal(run, 1, "single pixel", files)
  }

  @Test func verifiesItselfAndAFolder() throws {
    let run = try CommandProcess(
      ["verify", "--network", "resnet18", "--engine", "openblas"], timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("losses of resnet18, openblas"))

    let files = try ArrayFiles()
    _ = try files.weights(
      ArrayFiles.tensors("resnet18"), named: "weights.safetensors")
    _ = try files.images([2, 3, 32, 32], of: 0.5, named: "input.npy")
    let arguments = [
      "verify", "--reference", files.directory.root, "--engine", "openblas", "--format", "json",
    ]
    _ = try files.images([2, 10], of: 0, named: "logits.npy")
    let right = try CommandProcess(arguments)
    #expect(right.status == 0, "\(right.errors)")
    _ = try files.images([2, 10], of: 1, named: "logits.npy")
    let wrong = try CommandProcess(arguments)
    #expect(wrong.status == 7, "\(wrong.errors)")
    #expect(wrong.output.contains("\"passed\" : false"))
    let absent = try CommandProcess(["verify", "--reference", files.directory.path("no")])
    PredictTests.expectRefusal(absent, 5, "no such folder", files)
  }
}

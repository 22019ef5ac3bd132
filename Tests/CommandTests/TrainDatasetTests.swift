import Basics
import Foundation
import Harness
import Models
import TestSupport
import Testing

/// `costcurve train --dataset` and `costcurve efficiency` as processes, on a data set of a
/// thousand 8-pixel images.
@Suite struct TrainDatasetTests {
  let directory: TemporaryDirectory
  let data: String

  init() throws {
    directory = try TemporaryDirectory()
    data = directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(1100, size: 8, seed: 1), IDXFiles.twoKinds(100, size: 8, seed: 2),
      size: 8, to: data)
  }

  func arguments(_ run: String, epochs: Int, _ more: [String] = []) -> [String] {
    [
      "train", "--dataset", "fashion-mnist", "--data", data, "--train-images", "1000", "--epochs",
      "\(epochs)", "--seed", "5", "--run-directory", directory.path(run),
    ] + more
  }

  func content(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: directory.path(path)))
  }

  @Test func killedTenTimesItEndsWithTheSameWeights() throws {
    // More than ten kills can complete, were an epoch twice as fast beside fewer other tests.
    let epochs = 24
    let whole = ContinuousClock().now
    let first = try CommandProcess(arguments("whole", epochs: epochs))
    #expect(first.status == 0, "\(first.errors)")
    let perEpoch = (ContinuousClock().now - whole) / .seconds(1) / Double(epochs)

    var random = SeededRandom(seed: 9)
    var kills = 0
    for _ in 0..<10 {
      let moment = perEpoch * Double.random(in: 0.1...1.4, using: &random)
      let run = try CommandProcess(
        arguments("killed", epochs: epochs, ["--resume"]), timeout: moment)
      if run.status == 137 { kills += 1 }
    }
    #expect(kills == 10)
    let last = try CommandProcess(arguments("killed", epochs: epochs, ["--resume"]))
    #expect(last.status == 0, "\(last.errors)")
    #expect(try content("killed/weights.safetensors") == content("whole/weights.safetensors"))
    let accuracies = try ["killed", "whole"].map {
      try Self.curve(content("\($0)/epochs.tsv")).map(\.[2])
    }
    #expect(accuracies[0] == accuracies[1])
    #expect(accuracies[0].count == epochs + 1)
  }

  /// Where what a command printed does not fit its published schema.
  static func violations(_ name: String, _ json: String) throws -> [String] {
    try JSONSchema(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/costcurve/Schemas/costcurve.\(name).schema.json")
    ).violations(in: Data(json.utf8))
  }

  /// The cells of a learning curve, header first.
  static func curve(_ table: Data) -> [[Substring]] {
    String(decoding: table, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
  }

  @Test func leavesCurveAndEntryInDAWNBenchsForms() throws {
    let run = try CommandProcess(
      arguments("run", epochs: 2, ["--usd-per-hour", "0.5", "--format", "json"]))
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 2)
    for (index, line) in lines.enumerated() {
      #expect(line.hasPrefix("epoch \(index + 1)/2 "))
      for word in ["loss", "top-1", "s left", "FLOP", "petaflop/s-days", "USD"] {
        #expect(line.contains(word), "\(line)")
      }
    }
    #expect(try Self.violations("training", run.output) == [])
    struct Summary: Decodable {
      struct Epoch: Decodable {
        var top1: Double
        var seconds: Double
      }
      var epochs: [Epoch]
      var flopDirect: Double
      var usd: Double
      var seconds: Double
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let summary = try decoder.decode(Summary.self, from: Data(run.output.utf8))
    #expect(abs(summary.usd - summary.seconds / 3600 * 0.5) < 1e-12)
    let network = try Network.named("resnet20", classes: 10)
    let stem = try #require(network.filterLayers(batch: 1, inputSize: 8).first).shape.macs
    let image = 3 * network.macs(batch: 1, inputSize: 8).flops.count - stem.flops.count
    #expect(summary.flopDirect == 2 * 7 * 128 * image)

    let table = Self.curve(try content("run/epochs.tsv"))
    #expect(table.first == ["epoch", "hours", "top1Accuracy"])
    #expect(table.count == 3)
    var seconds = 0.0
    for (row, epoch) in zip(table.dropFirst(), summary.epochs) {
      seconds += epoch.seconds
      #expect(abs(try #require(Double(row[1])) * 3600 - seconds) < 1e-6)
      #expect(abs(try #require(Double(row[2])) - 100 * epoch.top1) < 1e-9)
    }
    let entry = try #require(
      JSONSerialization.jsonObject(with: content("run/dawnbench.json")) as? [String: Any])
    #expect(entry["version"] as? String == "v1.0")
    #expect(entry["model"] as? String == "resnet20")
    #expect(entry["costPerHour"] as? Double == 0.5)
    for key in ["author", "authorEmail", "framework", "codeURL", "hardware", "timestamp", "misc"] {
      #expect(entry[key] != nil, "\(key)")
    }
  }

  @Test func refusesBadData() throws {
    func write(_ name: String, _ content: Data) throws {
      try content.write(to: URL(fileURLWithPath: "\(data)/\(name)"))
    }
    func expectRefusal(_ status: Int32, _ word: String) throws {
      let run = try CommandProcess(arguments("run", epochs: 1))
      #expect(run.status == status, "\(run.errors)")
      #expect(run.errors.contains(word), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
      #expect(run.output.isEmpty)
      #expect(!directory.names().contains("run"))
    }
    let images = "train-images-idx3-ubyte"
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(data)/\(images)"))
    try write("train-labels-idx1-ubyte", IDXFiles.data([3], [0, 1, 0]))
    try expectRefusal(1, "1100 images and 3 labels")
    try write(
      images, IDXFiles.data([2, 8, 8], [UInt8](repeating: 0, count: 128), magic: [8, 0, 0, 3]))
    try expectRefusal(1, "IDX")

    try write(images, whole)
    #expect(try CommandProcess(["\(data)/\(images)"], of: "/bin/gzip").status == 0)
    let packed = try Data(contentsOf: URL(fileURLWithPath: "\(data)/\(images).gz"))
    try write("\(images).gz", packed.prefix(packed.count / 2))
    try expectRefusal(1, "ends or is damaged")

    for name in try FileManager.default.contentsOfDirectory(atPath: data) {
      try FileManager.default.removeItem(atPath: "\(data)/\(name)")
    }
    try expectRefusal(5, "dataset-fashion-mnist")
    try FileManager.default.removeItem(atPath: data)
    try expectRefusal(5, "dataset-fashion-mnist")
  }

  @Test func aDiskThatFillsLeavesTheLastGoodCheckpoint() throws {
    let whole = try CommandProcess(arguments("whole", epochs: 2))
    #expect(whole.status == 0, "\(whole.errors)")
    // One byte less than the second checkpoint takes; the first has an epoch's numbers less.
    let limit = try content("whole/checkpoint.safetensors").count - 1
    let full = try CommandProcess(
      ["--fsize=\(limit)", try CommandProcess.binary().path] + arguments("full", epochs: 2),
      of: "/usr/bin/prlimit")
    #expect(full.status == 6, "\(full.errors)")
    #expect(full.errors.contains("full/checkpoint.safetensors': File too large"), "\(full.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("full"))
    #expect(names.sorted() == [".lock", "checkpoint.safetensors", "dawnbench.json", "epochs.tsv"])
    let resumed = try CommandProcess(arguments("full", epochs: 2, ["--resume"]))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.hasPrefix("epoch 2/2 "), "\(resumed.errors)")
    #expect(try content("full/weights.safetensors") == content("whole/weights.safetensors"))
  }

  @Test func refusesTheCheckpointOfAnotherNetwork() throws {
    let run = try CommandProcess(arguments("run", epochs: 1))
    #expect(run.status == 0, "\(run.errors)")
    let checkpoint = try content("run/checkpoint.safetensors")
    for (more, word) in [
      (["--network", "resnet32"], "not a checkpoint of resnet32"),
      (["--learning-rate", "0.02"], "other flags"),
    ] {
      let other = try CommandProcess(arguments("run", epochs: 1, ["--resume"] + more))
      #expect(other.status == 1)
      #expect(other.errors.contains(word), "\(other.errors)")
      #expect(try content("run/checkpoint.safetensors") == checkpoint)
    }
  }

  @Test func comparesNetworksOfTwoYears() throws {
    try IDXFiles.write(
      IDXFiles.twoKinds(400, size: 16, seed: 1), IDXFiles.twoKinds(50, size: 16, seed: 2),
      size: 16, to: data)
    func efficiency(_ more: [String]) throws -> CommandProcess {
      try CommandProcess(
        ["efficiency", "--data", data, "--batch-size", "16", "--epochs", "3", "--seeds", "2"] + more
      )
    }
    let run = try efficiency(["--until-accuracy", "0.9", "--format", "json"])
    #expect(run.status == 0, "\(run.errors)")
    struct Report: Decodable {
      struct Entry: Decodable {
        struct Run: Decodable {
          var seed: Int
          var reached: Bool
          var flop: Double
          var images: Double
        }
        var network: String
        var flopPerImage: Double
        var runs: [Run]
      }
      struct Gain: Decodable {
        var ratio: Double
        var ratioRange: [Double]
        var predictedRatio: Double
      }
      var schema: String
      var networks: [Entry]
      var gain: Gain
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try Self.violations("efficiency", run.output) == [])
    let report = try decoder.decode(Report.self, from: Data(run.output.utf8))
    #expect(report.schema == "costcurve.efficiency")
    #expect(report.networks.map(\.network) == ["alexnet-small", "resnet20"])
    for entry in report.networks {
      #expect(entry.runs.map(\.seed) == [1, 2])
      for run in entry.runs {
        #expect(run.reached)
        #expect(abs(run.flop - run.images * entry.flopPerImage) <= 1e-9 * run.flop)
      }
    }
    #expect(report.gain.ratioRange[0] <= report.gain.ratio)
    #expect(report.gain.ratio <= report.gain.ratioRange[1])
    // Halving every 16 months over the 40 months from June 2012 to October 2015.
    #expect(abs(report.gain.predictedRatio - pow(2, 40.0 / 16)) < 0.05)

    let missed = try efficiency(["--until-accuracy", "1", "--train-images", "32"])
    #expect(missed.status == 1)
    #expect(missed.errors.contains("not every run reached"), "\(missed.errors)")
    #expect(missed.output.replacing(/\s+/, with: " ").contains("It does not show a rate"))
  }

  @Test func explainsAStepByLayerAndPhase() throws {
    let step = [
      "train", "--network", "resnet18", "--batch-size", "2", "--input-size", "64", "--explain",
      "--duration", "10ms",
    ]
    let run = try CommandProcess(step + ["--format", "json"])
    #expect(run.status == 0, "\(run.errors)")
    struct Profile: Decodable {
      struct Row: Decodable {
        var layer: String
        var phase: String
        var percentOfTime: Double
        var ns: Double
        var leastBytes: Int
        var gflopsDirect: Double
        var percentOfPeak: Double?
        var bound: String?
      }
      var rows: [Row]
      var phases: [Row]
      var totalNs: Double
      var peakGflops: Double?
    }
    #expect(try Self.violations("training-profile", run.output) == [])
    let profile = try ResultRecord.decoder().decode(Profile.self, from: Data(run.output.utf8))
    for rows in [profile.rows, profile.phases] {
      #expect(abs(rows.reduce(0) { $0 + $1.percentOfTime } - 100) < 1e-6)
      #expect(abs(rows.reduce(0) { $0 + $1.ns } - profile.totalNs) < 1e-6 * profile.totalNs)
    }
    let conv = try #require(
      profile.rows.first { $0.layer == "layer1.0.conv1" && $0.phase == "backward-weights" })
    // Two images of 64 channels at 16x16, twice, and 3x3x64x64 filters, four bytes each.
    #expect(conv.leastBytes == 4 * (2 * 2 * 64 * 256 + 9 * 64 * 64))
    // On a busy machine every probe of the peak may have been disturbed.
    let hasPeak = profile.peakGflops != nil
    #expect((conv.bound != nil) == hasPeak)
    #expect(profile.rows.allSatisfy { ($0.percentOfPeak != nil) == hasPeak })
    #expect(profile.rows.allSatisfy { $0.percentOfPeak ?? 0 <= 102 })
    #expect(run.errors.contains("probe of the FMA peak was disturbed") != hasPeak)
    let flop = 2.0 * 2 * 256 * 9 * 64 * 64
    #expect(abs(conv.gflopsDirect * conv.ns - flop) < 1e-6 * flop)
    #expect(
      Set(profile.phases.map(\.phase)) == [
        "forward", "backward-data", "backward-weights", "batch-norm", "other", "update",
      ])
    let text = try CommandProcess(step)
    #expect(text.output.contains("Bound by") && text.output.count { $0 == "\n" } <= 40)
    let full = try CommandProcess(step + ["--full"])
    #expect(full.output.contains("Bound by") && full.output.contains("layer4.1.conv2"))
    let both = try CommandProcess(step + ["--dataset", "fashion-mnist"])
    #expect(both.status == 64)
  }

  @Test func peersRefuseWhatCannotBeCompared() throws {
    let run = try CommandProcess(["peers", "--train", "--network", "alexnet-small"])
    #expect(run.status == 64)
    #expect(run.errors.contains("dropout"), "\(run.errors)")
  }
}

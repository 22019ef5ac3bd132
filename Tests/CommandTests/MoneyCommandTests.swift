import Foundation
import Harness
import TestSupport
import Testing

/// What commands say about money that they cannot know, and about networks that have no price.
struct MoneyCommandTests {
  private var results: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Results/2026-11-22-amd-epyc-2cpu")
  }

  private func report(_ file: String, _ arguments: [String]) throws -> String {
    let outcome = try CommandProcess(
      ["report", results.appendingPathComponent(file).path, "--no-history"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func record(_ file: String, _ arguments: [String] = []) throws -> ResultRecord {
    let text = try report(file, ["--format", "json"] + arguments)
    return try ResultRecord.decoder().decode(ResultRecord.self, from: Data(text.utf8))
  }

  /// The record was made when each training was priced as ImageNet's.
  @Test func aSmallNetworkOfAnOldRecordIsNotPricedAsImageNets() throws {
    let cases = try record("peers-training-resnet20.json").cases
    #expect(cases.count == 4)
    for item in cases {
      #expect(item.derived.usdToTrain == nil && item.derived.usdToTrainCi95 == nil)
      #expect(item.derived.trainingTarget == nil)
    }
    for format in ["text", "markdown", "csv", "html"] {
      let text = try report("peers-training-resnet20.json", ["--format", format])
      #expect(!text.contains("1.96"), "\(format)")
      // A page also has the claims, which are about ResNet-50.
      #expect(format == "html" || !text.contains("90 epochs"), "\(format)")
      #expect(format == "csv" || text.contains("no training target"), "\(format)")
    }
    let priced = try record("peers-training.json").cases
    #expect(priced.allSatisfy { $0.derived.usdToTrain != nil })
    #expect(priced.allSatisfy { $0.derived.trainingTarget?.dataset == "ImageNet" })
  }

  @Test func aStoredRunIsPricedAnew() throws {
    let stored = try record("run.json.gz")
    let dear = try record("run.json.gz", ["--usd-per-hour", "1.5"])
    let factor = 1.5 / (stored.price?.usdPerHour ?? 0)
    #expect(dear.price?.basis == "given with --usd-per-hour")
    for (old, new) in zip(stored.cases, dear.cases) {
      for (before, after) in [
        (old.derived.usdPerBillionImages, new.derived.usdPerBillionImages),
        (old.derived.usdToTrain, new.derived.usdToTrain),
        (old.derived.usdToTrainCi95?.last, new.derived.usdToTrainCi95?.last),
      ] {
        #expect((before == nil) == (after == nil), "\(new.id)")
        if let before, let after { #expect(abs(after / before / factor - 1) < 1e-9) }
      }
      #expect(old.statistics == new.statistics)
    }
    #expect(dear.cases.contains { $0.derived.usdToTrain != nil })
  }

  @Test func anInstancesPriceKeepsItsWarning() throws {
    func words(_ arguments: [String]) throws -> String {
      try report("run.json.gz", ["--instance", "c5.24xlarge"] + arguments)
        .replacing(#/\s+/#, with: " ")
    }
    // Also on one screen, where only the gravest warning has room.
    #expect(
      try words([]).contains(
        "an hour, assumed: this machine's speed at the price per vCPU of c5.24"))
    let text = try words(["--full"])
    #expect(text.contains("is an assumption: this machine's speed at the price per vCPU of c5.24x"))
    #expect(text.contains("times 2 CPUs; all 96 vCPUs cost"))
    let run = try record("run.json.gz", ["--instance", "c5.24xlarge"])
    #expect((run.price?.usdPerHour ?? 1) < 0.1)
    let measured = try CommandProcess([
      "infer", "--network", "resnet20", "--threads", "1", "--duration", "50ms", "--quick",
      "--no-save", "--instance", "c5.24xlarge", "--format", "json",
    ])
    let fresh = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(measured.output.utf8))
    #expect(fresh.price?.assumption?.hasPrefix("this machine's speed at the price") == true)
    #expect(fresh.price?.instance == "c5.24xlarge")
  }

  @Test func costsNameTheirTargetOrRefuse() throws {
    let cost = try CommandProcess([
      "cost", "--train-images-per-second", "30", "--usd-per-hour", "0.36",
    ])
    #expect(cost.output.contains("ImageNet for 90 epochs"))
    #expect(cost.output.contains("384.35 USD"))
    let half = try CommandProcess([
      "cost", "--train-images-per-second", "30", "--usd-per-hour", "0.36", "--epochs", "45",
    ])
    #expect(half.output.contains("192.175 USD"))
    let none = try CommandProcess([
      "cost", "--train-images-per-second", "30", "--network", "resnet20",
    ])
    #expect(none.status == 5 && none.output.isEmpty)
    #expect(none.errors.contains("'resnet20' has no training target"))
  }

  /// Running statistics are no parameters.
  @Test func networksAreListedWithTheirTrainableParameters() throws {
    let lines = try CommandProcess(["list", "networks"]).output.split(separator: "\n")
    for (name, parameters) in [
      ("resnet18", "11 689 512"), ("resnet50", "25 557 032"), ("alexnet", "61 100 840"),
    ] {
      let line = try #require(lines.first { $0.hasPrefix("  \(name) ") })
      #expect(line.hasSuffix("  \(parameters)  images"), "\(line)")
    }
  }

  /// The documents are not made to say what we read off a line.
  @Test func theCommittedRunQuotesTheDocuments() throws {
    let text = try report("run.json.gz", ["--format", "markdown"]).replacing("\\", with: "")
    #expect(
      text.contains("| The documents' last stated figure | $0.03 (2020) | $1 (end of 2020) |"))
    #expect(!text.contains("$0.315") && !text.contains("$0.0303"))
  }
}

import Foundation
import Harness
import TestSupport
import Testing

/// Energy on the command line: what a real measurement says of it, and what is stated beside it.
struct EnergyCommandTests {
  /// Shorter than what counters can measure, unless the machine is very busy.
  private let short = [
    "infer", "--network", "resnet20", "--threads", "1", "--duration", "50ms", "--quick",
    "--no-save",
  ]

  private func item(_ arguments: [String]) throws -> (ResultRecord, CaseRecord) {
    let outcome = try CommandProcess(arguments + ["--format", "json"])
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8))
    return (record, try #require(record.cases.first))
  }

  @Test func withoutAFigureThereIsAReason() throws {
    let (record, item) = try item(short)
    let energy = try #require(item.energy)
    #expect(energy.measured != nil || energy.refusal?.isEmpty == false)
    #expect((item.derived.joulesPerItem != nil) == (energy.measured != nil))
    #expect(energy.estimate == nil && item.derived.estimatedJoulesPerItem == nil)
    #expect(record.electricity == nil)
    #expect(item.processes.allSatisfy { $0.energy != nil })
  }

  @Test func statedWattsAreAnEstimateAndNeverAMeasurement() throws {
    let (record, item) = try item(short + ["--watts", "100", "--usd-per-kwh", "0.36"])
    #expect(record.electricity == Electricity(usdPerKwh: 0.36, watts: 100))
    let energy = try #require(item.energy)
    guard energy.measured == nil else {
      #expect(item.derived.estimatedJoulesPerItem == nil)
      return
    }
    #expect(energy.status == .estimated && energy.refusal?.isEmpty == false)
    let rate = try #require(item.derived.rate)
    let joules = try #require(item.derived.estimatedJoulesPerItem)
    #expect(abs(joules * rate / 100 - 1) < 1e-9)
    let usd = try #require(item.derived.estimatedElectricityUsdPerMillionItems)
    #expect(abs(usd / joules / 0.1 - 1) < 1e-9)
    #expect(item.derived.joulesPerItem == nil)
    #expect(item.derived.electricityUsdPerMillionItems == nil)
  }

  @Test func aStoredRunGetsItsEstimateLater() throws {
    let run = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Results/2026-11-22-amd-epyc-2cpu/run.json.gz").path
    let report = ["report", run, "--no-history"]
    let (plain, _) = try item(report)
    #expect(plain.cases.allSatisfy { $0.energy == nil })
    let (stated, _) = try item(report + ["--watts", "150"])
    #expect(stated.price == plain.price)
    for item in stated.cases where item.statistics != nil {
      #expect(item.energy?.status == .estimated, "\(item.id)")
    }
    let page = try CommandProcess(report + ["--watts", "150", "--format", "html"])
    #expect(page.status == 0 && page.output.contains("energy-estimated"))
    #expect(!page.output.contains("energy-measured"))
  }

  @Test(arguments: [
    ["cost", "--watts", "100"], ["infer", "--cheapest", "--usd-per-kwh", "0.3"],
    ["train", "--dataset", "fashion-mnist", "--watts", "100"],
    ["scaling", "--ranks", "1,2", "--watts", "100"],
  ])
  func whereNoEnergyIsRecordedItIsRefused(_ words: [String]) throws {
    let outcome = try CommandProcess(words)
    #expect(outcome.status == 64 && outcome.errors.contains("no energy is recorded"))
  }

  @Test func ownedHardwareStillNeedsAllFour() throws {
    let outcome = try CommandProcess(["cost", "--hardware-usd", "1000", "--watts", "65"])
    #expect(outcome.status == 64 && outcome.errors.contains("owned hardware needs"))
  }
}

import Basics
import ArgumentParser
import Foundation
import Harness
import Kernels
import Models
import Programs
import Workloads

/// `costcurve verify`: whether this build's numbers are right.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check this build's numbers against plain float64 loops, or against a folder.",
    discussion: """
      Example: costcurve verify

      Example: costcurve verify --reference reference/

      The folder holds weights.safetensors, input.npy and logits.npy, and for training labels.npy \
      and losses.npy; Benchmarks/Peers/export_reference.py writes one from torchvision. Exit code \
      7 when something differs by more than its bound.
      """)

  @Option(help: "A folder of another program's numbers.", completion: .directory)
  var reference: String?

  @Option(help: "Only this network; every kind of them, or the folder's own, unless given.")
  var network: String?

  @Option(help: "Only this engine; all of them unless given.")
  var engine: String?

  @OptionGroup var threads: ThreadOptions

  @Option(help: "How to write the result: text or json.")
  var format: SummaryFormat = .text

  func run() throws {
    let engines = try engine.map { [try Engine.named($0)] } ?? Engine.generations
    let pool = ThreadPool(threads: try threads.count())
    let results =
      try reference.map { try checkFolder($0, engines, pool) } ?? checkSelf(engines, pool)
    if format == .json {
      try Console.write(
        RecordJSON.text(VerifyReport(checks: results.map(VerifyReport.Check.init))))
    }
    let failed = results.filter { !$0.passed }.count
    guard failed == 0 else {
      throw Problem(.wrongAnswer, "\(failed) of \(results.count) checks failed.")
    }
  }

  private func checkSelf(_ engines: [Engine], _ pool: ThreadPool) throws -> [CheckResult] {
    let networks = try (network.map { [$0] } ?? ["resnet18", "resnet50", "alexnet"]).map {
      try Network.named($0)
    }
    var results: [CheckResult] = []
    for network in networks {
      for engine in engines {
        try add(
          SelfCheck.inference(
            network, engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
          to: &results)
        guard network.name == networks[0].name else { continue }
        try add(
          SelfCheck.training(
            network, engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
          to: &results)
      }
    }
    return results
  }

  private func checkFolder(
    _ path: String, _ engines: [Engine], _ pool: ThreadPool
  ) throws -> [CheckResult] {
    let folder = try ReferenceFolder(path: path, network: network)
    var results: [CheckResult] = []
    for engine in engines {
      try add(
        folder.checkLogits(
          engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
        to: &results)
      guard folder.hasLosses else { continue }
      try add(
        folder.checkLosses(
          engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
        to: &results)
    }
    return results
  }

  /// Keeps a result and, as text, shows it at once.
  private func add(_ result: CheckResult, to results: inout [CheckResult]) throws {
    if Interrupt.wasRequested { throw Problem.interrupted }
    results.append(result)
    guard format == .text else { return }
    try Console.write(
      (result.passed ? "ok     " : "WRONG  ") + result.name
        + String(format: "  error %.2e  bound %.0e\n", result.error, result.bound))
  }
}

/// What `verify` says on standard output as JSON.
struct VerifyReport: Encodable {
  var schema = "costcurve.verify"
  var schemaVersion = 1
  var checks: [Check]

  struct Check: Encodable {
    var name: String
    /// Null where something was not finite.
    var error: Double?
    var bound: Double
    var passed: Bool

    init(_ result: CheckResult) {
      (name, bound, passed) = (result.name, result.bound, result.passed)
      error = result.error.isFinite ? result.error : nil
    }
  }
}

import Basics
import Foundation
import Harness
import Kernels
import Models
import Programs
import Workloads

/// The checks of `costcurve verify`.
struct Verification {
  /// The one network to check; nil for one of every kind, or for the folder's own.
  var network: String?
  /// Tokens of a sequence; nil for a few, or for those of the folder.
  var sequence: Int?
  var engines: [Engine]
  var pool: ThreadPool
  /// Whether every result is written as soon as it is there.
  var showsEach: Bool

  /// Compares every engine with plain float64 loops.
  func checkSelf() throws -> [CheckResult] {
    let kinds = [
      "resnet18", "resnet50", "alexnet", "inception_v3", "alphazero-chess", "transformer-base",
    ]
    let networks = try (network.map { [$0] } ?? kinds).map { try Network.named($0) }
    var results: [CheckResult] = []
    for network in networks {
      if network.item == .sequence {
        results += try checkSelf(try sequences(of: network))
        try checkGradients(of: network, to: &results)
        continue
      }
      guard sequence == nil || self.network == nil else {
        throw network.refusal(ofSequence: true)
      }
      results += try checkSelf(
        SizedModel(Model(network, seed: 1), inputSize: network.checkInputSize), batch: 2)
      guard network.name == networks[0].name, network.readsLabels else { continue }
      for engine in engines {
        try add(
          SelfCheck.training(
            network, engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
          to: &results)
      }
    }
    return results
  }

  /// Compares every engine with a folder of another program's numbers.
  func checkFolder(_ path: String) throws -> [CheckResult] {
    if let model = try sequences(in: path) { return try check(model, beside: path) }
    let folder = try ReferenceFolder(path: path, network: network, threads: pool.threads)
    let model = try Model(named: folder.network.name, weights: folder.weightsPath, seed: 1)
    var results = try check(SizedModel(model, inputSize: folder.inputSize), beside: path)
    guard folder.hasLosses else { return results }
    for engine in engines {
      try add(
        folder.checkLosses(
          engine: engine.rawValue, pool: pool, choose: engine.algorithm(for:direction:)),
        to: &results)
    }
    return results
  }

  /// Keeps a result and, as text, shows it at once.
  func add(_ result: CheckResult, to results: inout [CheckResult]) throws {
    if Interrupt.wasRequested { throw Problem.interrupted }
    results.append(result)
    guard showsEach else { return }
    let against = result.against.map { "  against \($0.rawValue)" } ?? ""
    try Console.write(
      "\(result.passed ? "ok     " : "WRONG  ")\(result.name)  error \(Units.number(result.error))"
        + "  bound \(Units.number(result.bound, digits: 1))\(against)\n")
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
    /// Absent where it was a file's numbers.
    var against: String?

    init(_ result: CheckResult) {
      (name, bound, passed) = (result.name, result.bound, result.passed)
      error = result.error.isFinite ? result.error : nil
      against = result.against?.rawValue
    }
  }
}

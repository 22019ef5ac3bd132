import Basics
import Formats
import Foundation
import Models
import Programs
import Workloads

extension Verification {
  /// Tokens of a check by plain loops, where no number is given.
  private static let fewTokens = 32

  /// A network with seeded weights, for a few tokens.
  ///
  /// - Parameter network: One for sequences.
  /// - Returns: Both.
  /// - Throws: A length that it does not take.
  func sequences(of network: Network) throws -> SizedModel {
    let tokens = sequence ?? min(Self.fewTokens, network.maximumInputSize)
    try network.refuse(inputSize: tokens)
    return SizedModel(try Model(named: network.name, weights: nil, seed: 1), inputSize: tokens)
  }

  /// The network for sequences whose weights lie in a folder, for as many tokens as its arrays have.
  ///
  /// - Parameter folder: With `weights.safetensors`, and an array for each input.
  /// - Returns: nil for a folder of another network, or without weights.
  /// - Throws: Damaged or mismatching files.
  func sequences(in folder: String) throws -> SizedModel? {
    let weights = "\(folder)/weights.safetensors"
    guard FileManager.default.fileExists(atPath: weights) else { return nil }
    if let network, try Network.named(network).item != .sequence { return nil }
    let name = try network ?? WeightFile(recognising: weights).network.name
    guard try Network.named(name).item == .sequence else { return nil }
    let model = try Model(named: name, weights: weights, seed: 1)
    let inputs = model.network.inputs(inputSize: model.network.usualInputSize)
      .filter { $0.usualNumber == nil }.map(\.name)
    let candidates = (inputs + (inputs.count == 1 ? ["input"] : [])).map { "\(folder)/\($0).npy" }
    guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
      throw Problem(.absent, "\(candidates[0]): no such file; write the tokens there")
    }
    let tokens = try NPYFile(path: path, element: .int64, rank: 2).shape[1]
    guard sequence ?? tokens == tokens else {
      throw Problem(
        .usage, "--sequence \(sequence ?? 0): \(path) has \(tokens) tokens; leave it out.")
    }
    try model.network.refuse(inputSize: tokens)
    return SizedModel(model, inputSize: tokens)
  }

  /// Compares loss and gradients of a network with those of all operators' references: of one with few
  /// layers and a small vocabulary, for short sequences.
  ///
  /// - Parameters:
  ///   - network: One for sequences; nothing is done where it does not learn.
  ///   - results: What is appended to.
  /// - Throws: An interruption.
  func checkGradients(of network: Network, to results: inout [CheckResult]) throws {
    guard let small = network.training?.small() else { return }
    for engine in engines {
      try add(
        GradientCheck.run(
          small, engine: engine.rawValue, tokens: GradientCheck.usualTokens, seed: 1, pool: pool,
          choose: engine.algorithm(for:direction:)), to: &results)
    }
  }
}

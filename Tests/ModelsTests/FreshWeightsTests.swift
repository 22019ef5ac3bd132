import Models
import Testing

/// Weights that nothing has been learned into yet.
@Suite struct FreshWeightsTests {
  /// The largest magnitude of a parameter.
  private func largest(_ name: String, of network: Network) throws -> Float {
    let parameter = try #require(network.parameters.first { $0.name == name })
    var values = [Float](repeating: .nan, count: parameter.count)
    try values.withUnsafeMutableBufferPointer {
      try FreshWeights(for: network, seed: 1).read(parameter, into: $0)
    }
    return values.reduce(0) { max($0, abs($1)) }
  }

  /// Uniform with a variance of 2 / inputs, but in the last layer of 1 / (3 inputs).
  @Test func filtersReachTheirBoundAndTheLastLayersAreSmaller() throws {
    let network = try Network.named("resnet20", classes: 10)
    // Inputs of a filter: 3 x 3 x 16 in the first block, 64 features in the last layer.
    for (name, bound) in [
      ("layer1.0.conv1.weight", (6 / Float(144)).squareRoot()), ("fc.weight", 0.125),
    ] {
      let found = try largest(name, of: network)
      #expect(found <= bound && found > 0.95 * bound, "\(found) of \(bound) in \(name)")
    }
  }

  /// Of a network for sequences all matrices and tables have 1 / (3 inputs).
  @Test func matricesOfTextsAreSmall() throws {
    let network = try Network.named("lstm-bytes")
    for name in ["embedding.weight", "lstm.weight_hh_l1", "output.weight"] {
      let (found, bound) = (try largest(name, of: network), 1 / Float(236).squareRoot())
      #expect(found <= bound && found > 0.95 * bound, "\(found) of \(bound) in \(name)")
    }
  }
}

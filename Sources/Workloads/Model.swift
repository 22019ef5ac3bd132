import Networks

/// A network with the weights that a case asks for.
struct Model {
  let network: Network
  let weights: any WeightSource
  /// The weight file, or `seeded`.
  let weightsName: String

  /// - Throws: `FileError` for an unknown network or a weight file that does not fit it.
  init(named name: String, options: CaseOptions) throws {
    if let path = options[.weights] {
      let file = try WeightFile(path: path, network: name)
      (network, weights, weightsName) = (file.network, file, path)
    } else {
      let network = try Network.named(name, classes: try options.classes() ?? 1000)
      self.network = network
      weights = SeededWeights(for: network, seed: UInt32(truncatingIfNeeded: try options.seed()))
      weightsName = "seeded"
    }
  }
}

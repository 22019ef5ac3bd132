import Basics
import Graphs

/// Weights to start training from: those of a network that has seen nothing.
///
/// Filters are uniform with the variance `2 / inputs` of He et al., "Delving Deep into Rectifiers"
/// (2015), the last layer's with `1 / (3 inputs)` as in PyTorch, and so are all of a network for
/// sequences, as PyTorch has linear layers and LSTMs; norms start as the identity.
package struct FreshWeights: WeightSource {
  private let seed: UInt32
  /// Names of the filters that give the network's outputs.
  private let last: Set<String>
  private let isForSequences: Bool

  /// Weights for one network.
  ///
  /// - Parameters:
  ///   - network: The network that will ask for them.
  ///   - seed: Another one gives other weights.
  package init(for network: Network, seed: UInt32) {
    self.seed = seed
    last = network.outputFilters
    isForSequences = network.item == .sequence
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    switch parameter.role {
    case .bias, .normShift, .runningMean, .constant: values.update(repeating: 0)
    case .normScale, .runningVariance: values.update(repeating: 1)
    case .filters:
      let fill = HashFill(name: parameter.name, seed: seed)
      let inputs = Double(parameter.inputs)
      let isSmall = isForSequences || last.contains(parameter.name)
      let bound = ((isSmall ? 1 : 6) / inputs).squareRoot()
      for index in values.indices { values[index] = Float((2 * fill.unit(index) - 1) * bound) }
    }
  }
}

import Basics
import Graphs
import Models

/// Seeded weights that are made once for all the programs of a network.
struct KeptWeights: WeightSource {
  private let tensors: [String: [Float]]

  init(of network: Network) throws(Problem) {
    let seeded = SeededWeights(for: network, seed: 1)
    var tensors: [String: [Float]] = [:]
    for parameter in network.parameters {
      tensors[parameter.name] = try seeded.values(parameter)
    }
    self.tensors = tensors
  }

  func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    _ = values.update(fromContentsOf: tensors[parameter.name] ?? [])
  }
}

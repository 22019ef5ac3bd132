import ArgumentParser
import Basics
import Models
import Workloads

/// Which network is exported, with which weights, for which sizes.
struct NetworkExportOptions: ParsableArguments {
  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @Option(
    help: "Weights as safetensors, under their reference's names; seeded ones unless given.",
    completion: .file())
  var weights: String?

  @Option(
    name: .customLong("batch-size"), help: "The batch, which is then fixed; open unless given.")
  var batchSize: Int?

  @Option(name: .customLong("input-size"), help: "Side of the square image, in pixels.")
  var inputSize: Int?

  @Option(help: "Number of classes of seeded weights; the network's own unless given.")
  var classes: Int?

  @Option(help: "Seed of the weights where none are given.")
  var seed: UInt32 = 1

  func validate() throws {
    try (1...65_536).check("--batch-size", batchSize)
    try (1...1_000_000).check("--classes", classes)
    if weights != nil, classes != nil {
      throw ValidationError("--weights tell their own number of classes; leave --classes out.")
    }
  }

  /// Side of an image, or tokens of a sequence.
  ///
  /// - Parameters:
  ///   - network: What is exported.
  ///   - sequence: What `--sequence` says.
  /// - Returns: The network's usual size where none is given.
  /// - Throws: Usage for one that the network does not take.
  func size(of network: Network, sequence: Int?) throws(Problem) -> Int {
    let isSequence = network.item == .sequence
    guard isSequence ? inputSize == nil : sequence == nil else {
      throw network.refusal(ofSequence: !isSequence)
    }
    let size = sequence ?? inputSize ?? network.usualInputSize
    try network.refuse(inputSize: size)
    return size
  }

  /// The network with its weights.
  ///
  /// - Parameter name: The network's.
  /// - Returns: Both.
  /// - Throws: An unknown network, or a weight file that does not fit it.
  func model(named name: String) throws -> Model {
    try Model(named: name, weights: weights, classes: classes, seed: seed)
  }
}

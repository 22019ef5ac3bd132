import Basics
import Foundation
import Harness
import Models

/// A network with its weights: a file's, or seeded ones.
package struct Model {
  package let network: Network
  package let weights: any WeightSource
  /// In the place of a weight file's name.
  static let seededName = "seeded"
  /// The weight file's own name, or `seeded`: a record holds no path.
  package let weightsName: String

  /// Whether no file gave the weights, so that its answers are right by chance alone.
  package var isSeeded: Bool { weights is SeededWeights }

  /// What stands before every name in the weight file and is left out; mostly empty.
  package var weightsPrefix: String { (weights as? WeightFile)?.prefix ?? "" }

  /// A sentence for the user where something stands before every name in the weight file.
  package var prefixNote: String? {
    weightsPrefix.isEmpty
      ? nil
      : "all names in \(weightsName) begin with '\(weightsPrefix)'; they are read without that prefix."
  }

  /// A sentence for the user where the weight file lacks the head that only training has.
  package var auxiliaryNote: String? {
    guard let file = weights as? WeightFile, file.lacksAuxiliary,
      let auxiliary = network.auxiliary
    else { return nil }
    return "\(weightsName) has no tensors \(auxiliary.prefix)*; the auxiliary head begins with "
      + "fresh weights of seed \(file.freshSeed)."
  }

  /// Opens a weight file, or makes seeded weights where there is none.
  ///
  /// - Parameters:
  ///   - name: The network's name on the command line.
  ///   - path: A safetensors file with torchvision's names.
  ///   - classes: Of the network where there is no file to tell; nil for the usual number.
  ///   - seed: Fixes the weights where there is no file, and those of a training head that it lacks.
  /// - Throws: `Problem` for an unknown network or a weight file that does not fit it.
  package init(
    named name: String, weights path: String?, classes: Int? = nil, seed: UInt32
  ) throws {
    if let path {
      let file = try WeightFile(path: path, network: name, freshSeed: seed)
      (network, weights, weightsName) = (file.network, file, (path as NSString).lastPathComponent)
    } else {
      network = try Network.named(name, classes: classes)
      weights = SeededWeights(for: network, seed: seed)
      weightsName = Self.seededName
    }
  }

  /// Any network with seeded weights, also one that has no name on the command line.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - seed: Fixes the weights.
  package init(_ network: Network, seed: UInt32) {
    (self.network, weightsName) = (network, Self.seededName)
    weights = SeededWeights(for: network, seed: seed)
  }

  /// The model that a case asks for.
  ///
  /// - Throws: `Problem`, also for options that are no numbers.
  init(named name: String, options: CaseOptions) throws {
    try self.init(
      named: name, weights: options[.weights],
      classes: try options.classes(),
      seed: UInt32(truncatingIfNeeded: try options.seed()))
  }
}

extension Network {
  /// What it is given, as records tell it.
  package var workItem: WorkItem { WorkItem(item.rawValue) }
}

import Basics
import Formats
import Foundation
import Graphs
import Kernels
import Models

/// A folder of another program's numbers, which `export_reference.py` writes from torchvision.
///
/// It holds `weights.safetensors`, `input.npy` and a file for each output of the network, such as
/// `logits.npy`, and where training was exported `labels.npy`, `losses.npy` and, if its numbers are
/// not the usual ones, `optimizer.json`.
package struct ReferenceFolder {
  /// The network that the weights belong to.
  package let network: Network
  /// Side of its images.
  package var inputSize: Int { images.size }
  /// The file of its weights.
  package let weightsPath: String
  private let path: String
  private let weights: WeightFile
  private let images: ImageFile
  /// What its losses are compared by; nil where it has none.
  private let training: TrainingReference?

  /// Opens a folder.
  ///
  /// Whatever stands in the way of comparing its losses is said here, before anything is computed.
  ///
  /// - Parameters:
  ///   - path: A folder.
  ///   - name: The network's name; recognised from the weights when nil.
  ///   - threads: That steps of training will run on.
  /// - Throws: Absent, damaged or mismatching files; losses of what is not trained, or not alike in two
  ///   programs, or does not fit the memory.
  package init(path: String, network name: String?, threads: Int) throws(Problem) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(.absent, "\(path): no such folder; check the path")
    }
    guard isFolder.boolValue else {
      throw Problem(
        .malformed,
        "\(path): is not a folder; give one with weights.safetensors, input.npy and logits.npy")
    }
    weightsPath = "\(path)/weights.safetensors"
    weights =
      if let name {
        try WeightFile(path: weightsPath, network: name)
      } else {
        try WeightFile(recognising: weightsPath)
      }
    self.path = path
    network = weights.network
    images = try ImageFile(path: "\(path)/input.npy", network: network)
    training =
      if FileManager.default.fileExists(atPath: "\(path)/losses.npy") {
        try TrainingReference(in: path, network, images, threads: threads)
      } else {
        nil
      }
  }

  /// Whether the folder has losses to compare with.
  package var hasLosses: Bool { training != nil }

  /// Takes as many full-batch steps as the folder has losses and compares them; the bound is 1e-3.
  ///
  /// - Parameters:
  ///   - engine: The engine's name, for the result.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Returns: The comparison.
  /// - Throws: Damaged files, or a folder without losses.
  package func checkLosses(
    engine: String, pool: ThreadPool, choose: SelfCheck.Choice
  ) throws(Problem) -> CheckResult {
    guard let training else {
      throw Problem(.absent, "\(path)/losses.npy: no such file; export it with --steps")
    }
    let step = try TrainingStep(
      network, state: try TrainingState(network, weights: weights), batch: images.count,
      inputSize: images.size, pool: pool
    ) { _, shape, direction in choose(shape, direction) }
    let buffer = AlignedBuffer(count: step.program.imageShape.count)
    try images.read(0..<images.count, into: buffer.pointer)
    let losses = (0..<training.losses.shape[0]).map { _ in
      Float(step.run(buffer.pointer, labels: training.labels, optimizer: training.optimizer))
    }
    return CheckResult(
      name: "losses of \(network.name) in \(path), \(engine)",
      error: RelativeError.between(losses, try training.losses.readTensor().values), bound: 1e-3)
  }
}

/// The losses of a folder, and what its steps learn from.
private struct TrainingReference {
  let losses: NPYFile
  let labels: [Int32]
  let optimizer: SGD

  /// Reads them, unless they cannot be compared.
  init(
    in path: String, _ network: Network, _ images: ImageFile, threads: Int
  ) throws(Problem) {
    try network.refuseLabels()
    try network.requireOneHead()
    guard !network.uses(RandomDropout.self) else {
      throw Problem(
        .malformed,
        "\(path)/losses.npy: the dropout of \(network.name) draws other masks in each program, so "
          + "losses cannot be compared; export without --steps")
    }
    guard network.canTrain(batch: images.count, inputSize: images.size) else {
      throw Problem(
        .malformed, "\(images.path): too small to train on; export more or larger images")
    }
    try MemoryEstimate.training(
      network, batch: images.count, inputSize: images.size, threads: threads
    ).refuseIfTooLarge(for: path, remedy: "export fewer images")
    losses = try NPYFile(path: "\(path)/losses.npy", element: .float32, rank: 1)
    labels = try LabelFile.read(
      path: "\(path)/labels.npy", count: images.count, classes: network.classes)
    optimizer = try Self.readOptimizer("\(path)/optimizer.json")
  }

  /// The optimizer's numbers: those of the file, or the ones that `train` has unless told.
  private static func readOptimizer(_ file: String) throws(Problem) -> SGD {
    struct Numbers: Decodable {
      var learningRate: Float
      var momentum: Float
      var weightDecay: Float
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      return SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 5e-5)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let numbers = try? decoder.decode(Numbers.self, from: data) else {
      throw Problem(
        .malformed,
        "\(file): is not JSON with learning_rate, momentum and weight_decay; export it again")
    }
    return SGD(
      learningRate: numbers.learningRate, momentum: numbers.momentum,
      weightDecay: numbers.weightDecay)
  }
}

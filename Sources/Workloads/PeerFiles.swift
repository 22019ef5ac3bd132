import Basics
import Formats
import Foundation
import Harness
import Kernels
import Models
import Programs

/// The network, images and expected answers that peers are given, as files that any software reads.
package struct PeerFiles {
  /// Options that name the files, for a `prepare` line.
  package let options: [String: String]

  /// Writes weights with torchvision's names, images `N C H W`, and our logits for them.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - name: A network that `Network.names` lists; the weights are the seeded ones.
  ///   - batch: Images.
  ///   - seed: Of weights and images.
  ///   - engine: Whose logits peers are compared with.
  ///   - threads: Threads for computing them.
  /// - Throws: `Problem` for an unknown network or a full disk.
  package init(
    folder: String, network name: String, batch: Int, seed: UInt32, engine: Engine, threads: Int
  ) throws {
    let network = try Network.named(name)
    let weights = SeededWeights(for: network, seed: seed)
    let paths = ["weights": "weights.safetensors", "input": "input.npy", "expected": "logits.npy"]
      .mapValues { folder + "/" + $0 }
    options = paths
    try Self.write(network, weights, to: paths["weights", default: ""])

    let size = network.usualInputSize
    let program = try Program(
      network, weights: weights, batch: batch, inputSize: size,
      pool: ThreadPool(threads: threads)
    ) { _, shape in engine.algorithm(for: shape) }
    let images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(
      0..<batch, seed: seed, channels: program.imageShape.C, size: size, into: images.elements)
    program.run(images.pointer)
    try Self.write(images.elements, program.imageShape, to: paths["input", default: ""])
    try NPYFile.write(
      Tensor(shape: [batch, program.classes], values: Array(program.logits)),
      to: paths["expected", default: ""])
  }

  /// Writes weights, images and labels of a training case, and the losses of our first two steps.
  ///
  /// The second loss is behind the first update, so it also holds the gradients against ours.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - request: A training case on seeded weights.
  ///   - catalogue: What makes it.
  /// - Throws: `Problem` for a full disk, and what the catalogue throws for the same request.
  package init(folder: String, training request: CaseRequest, catalogue: Catalogue) throws {
    let workload = try catalogue.trainingStep(for: request)
    let paths = [
      "weights": "weights.safetensors", "input": "input.npy", "labels": "labels.npy",
      "losses": "losses.npy",
    ].mapValues { folder + "/" + $0 }
    let optimizer = TrainWorkload.optimizer
    let numbers = [
      "learning-rate": "\(optimizer.learningRate)", "momentum": "\(optimizer.momentum)",
      "weight-decay": "\(optimizer.weightDecay)",
    ]
    options = request.options.merging(paths) { _, new in new }.merging(numbers) { _, new in new }
    try Self.write(
      workload.model.network, workload.model.weights, to: paths["weights", default: ""])
    try Self.write(workload.images.elements, workload.imageShape, to: paths["input", default: ""])
    try NPYFile.write(workload.labels.map { Int64($0) }, to: paths["labels", default: ""])
    let losses = (0..<2).map { _ in workload.takeStep() }
    try NPYFile.write(
      Tensor(shape: [losses.count], values: losses.map { Float($0) }),
      to: paths["losses", default: ""])
  }

  private static func write(
    _ network: Network, _ weights: any WeightSource, to path: String
  ) throws {
    try weights.write(network.parameters, to: path)
  }

  /// Writes images `N H W C` as `N C H W`.
  private static func write(
    _ images: UnsafeMutableBufferPointer<Float>, _ shape: Shape, to path: String
  ) throws {
    try NPYFile.write(
      Tensor(shape: [shape.N, shape.C, shape.H, shape.W], values: channelsFirst(images, shape)),
      to: path)
  }

  private static func channelsFirst(
    _ images: UnsafeMutableBufferPointer<Float>, _ shape: Shape
  ) -> [Float] {
    let pixels = shape.H * shape.W
    return [Float](unsafeUninitializedCapacity: shape.count) { target, count in
      for image in 0..<shape.N {
        for channel in 0..<shape.C {
          for pixel in 0..<pixels {
            let at = (image * shape.C + channel) * pixels + pixel
            target.initializeElement(
              at: at, to: images[(image * pixels + pixel) * shape.C + channel])
          }
        }
      }
      count = shape.count
    }
  }
}

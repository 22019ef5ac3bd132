import Foundation
import Kernels
import Networks

/// The network, images and logits that peers are given, as files that any software reads.
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
  ///   - engine: Whose logits peers are held against.
  ///   - threads: Threads for computing them.
  /// - Throws: `FileError` for an unknown network or a full disk.
  package init(
    folder: String, network name: String, batch: Int, seed: UInt32, engine: Engine, threads: Int
  ) throws {
    let network = try Network.named(name)
    let weights = SeededWeights(for: network, seed: seed)
    let paths = ["weights": "weights.safetensors", "input": "input.npy", "expected": "logits.npy"]
      .mapValues { folder + "/" + $0 }
    options = paths
    let parameters = Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0) })
    try SafetensorsFile.write(
      network.parameters.map { ($0.name, $0.shape) }, to: paths["weights", default: ""]
    ) { name in parameters[name].flatMap { try? weights.values($0) } ?? [] }

    let size = network.usualInputSize
    let plan = try InferencePlan(
      network, weights: weights, batch: batch, inputSize: size,
      pool: ThreadPool(threads: threads)
    ) { _, shape in engine.algorithm(for: shape) }
    let images = AlignedBuffer(count: plan.imageShape.count)
    SeededImages.fill(
      0..<batch, seed: seed, channels: plan.imageShape.C, size: size, into: images.elements)
    plan.run(images.pointer)
    try NPYFile.write(
      Tensor(
        shape: [batch, plan.imageShape.C, size, size],
        values: Self.channelsFirst(images.elements, plan.imageShape)),
      to: paths["input", default: ""])
    try NPYFile.write(
      Tensor(shape: [batch, plan.classes], values: Array(plan.logits)),
      to: paths["expected", default: ""])
  }

  private static func channelsFirst(
    _ images: UnsafeMutableBufferPointer<Float>, _ shape: ActivationShape
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

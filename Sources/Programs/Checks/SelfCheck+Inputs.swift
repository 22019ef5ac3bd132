import Kernels
import Models

extension SelfCheck {
  /// What a training step is checked on: seeded images, and labels of every output.
  struct Inputs: ~Copyable {
    /// `N H W C`.
    let images: AlignedBuffer
    /// A batch for each output, one after the other.
    let labels: [Int32]

    /// Makes them from fixed seeds.
    ///
    /// - Parameters:
    ///   - network: What is trained.
    ///   - batch: Images.
    ///   - size: Side of an image, in pixels.
    init(_ network: Network, batch: Int, size: Int) {
      let shape = network.imageShape(batch: batch, inputSize: size)
      labels = network.outputs.flatMap { output in
        (0..<batch).map { Int32((7 * $0 + 3) % output.width) }
      }
      images = AlignedBuffer(count: shape.count)
      SeededImages.fill(shape, seed: 1, into: images.elements)
    }
  }
}

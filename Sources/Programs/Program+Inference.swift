import Basics
import Graphs
import Kernels
import Models
import Tensors

extension Program {
  /// Compiles a network's forward pass.
  ///
  /// - Parameters:
  ///   - network: What to compute.
  ///   - weights: Asked for each parameter once.
  ///   - batch: Images of one run, at least 1.
  ///   - inputSize: Side of an image, at least the network's minimum.
  ///   - pool: The threads that it runs on.
  ///   - caches: What the groups of images that run together follow from.
  ///   - choose: The algorithm for a layer, by its name and its shape for a group of images.
  /// - Throws: A weight file that cannot be read, or a batch too large to count.
  package convenience init(
    _ network: Network, weights: some WeightSource, batch: Int, inputSize: Int, pool: ThreadPool,
    caches: CacheSizes = .current,
    choose: (_ layer: String, _ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) {
    try self.init(
      network.inferenceGraph(inputSize: inputSize), parameters: .frozen(weights), batch: batch,
      pool: pool, caches: caches
    ) { layer, shape, _ in choose(layer, shape) }
  }

  /// Computes the outputs of a batch of images, allocating nothing.
  ///
  /// - Parameters:
  ///   - images: `imageShape`, `N H W C`; only read.
  ///   - finished: Told the index of each unit that has ended, once a group of its images.
  package func run(
    _ images: UnsafePointer<Float>, finished: (_ unit: Int) -> Void = { _ in }
  ) {
    bind(0, to: images)
    run(finished: finished)
  }

  /// The first output of the last run, one row an image.
  package var logits: UnsafeBufferPointer<Float> { values(0) }

  /// Number of logits of one image.
  package var classes: Int { width(0) }

  /// Whether any layer's algorithm rounds in transforms, and not only in sums.
  package var transformsData: Bool {
    !units.compactMap(\.algorithm).allSatisfy(\.isExactOnIntegers)
  }

  /// Whether any layer multiplies bytes.
  package var isOnBytes: Bool { units.contains(where: \.isOnBytes) }
  /// Whether any layer multiplies bfloat16.
  package var isOnBFloat16: Bool { units.contains(where: \.isOnBFloat16) }

  /// The error against the oracle that rounding explains, relative to the largest logit.
  ///
  /// Without Winograd's algorithm it grows with the number of layers that sum in another order: at
  /// most 3.2e-6 was seen for ResNet-50, 2.5e-5 for ResNet-152. Each step of a recurrent layer is a
  /// layer; what only rounds its results, or a function of one number, adds less. Sums of bytes are
  /// exact in any order, so that nothing may differ. Where layers of floats stand between bytes,
  /// `OutputOracle.errorBound` adds what numbers between two bytes do.
  ///
  /// Near the middle of two bfloat16, sums in another order go to the other. If every layer rounded
  /// all that it gives once more, each time by 2⁻⁸ at most and independently of the others, errors
  /// would add up to 2⁻⁸ times the root of the number of layers; few results do so.
  package var errorBound: Double {
    if graph.isQuantized, units.allSatisfy({ $0.isOnBytes || $0.directFLOPs.count == 0 }) {
      return 0
    }
    if isOnBFloat16 {
      return 0x1p-8 * Double(units.count { $0.directFLOPs.count > 0 }).squareRoot()
    }
    guard !transformsData else { return 1e-3 }
    let bounds = zip(graph.nodes, units).map { node, unit -> Double in
      let recurrent = node.op as? RecurrentLayer
      let steps = recurrent.map { unit.input.dimensions[$0.isBatchFirst ? 1 : 0] } ?? 1
      return unit.directFLOPs.count > 0 ? 3e-7 * Double(steps) : 1e-7
    }
    return max(1e-5, bounds.reduce(0, +))
  }
}

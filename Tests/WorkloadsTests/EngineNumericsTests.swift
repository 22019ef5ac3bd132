import Basics
import Formats
import Graphs
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// What the faster engines' logits are worth: against float64 sums, and for the class they name.
@Suite struct EngineNumericsTests {
  /// Logits of seeded images, `batch` at a time.
  private func logits(
    _ network: Network, _ weights: some WeightSource, images: Range<Int>, size: Int, batch: Int,
    choose: (ConvShape) -> ConvAlgorithm
  ) throws -> [[Float]] {
    let program = try Program(
      network, weights: weights, batch: batch, inputSize: size, pool: ThreadPool(threads: 2)
    ) { choose($1) }
    let input = AlignedBuffer(count: program.imageShape.count)
    var rows: [[Float]] = []
    for first in stride(from: images.lowerBound, to: images.upperBound, by: batch) {
      SeededImages.fill(
        first..<first + batch, seed: 7, channels: network.inputChannels, size: size,
        into: input.elements)
      program.run(input.pointer)
      for row in 0..<batch {
        rows.append(Array(program.logits[row * program.classes..<(row + 1) * program.classes]))
      }
    }
    return rows
  }

  @Test func holdsResNet50ToTheReference() throws {
    let network = try Network.named("resnet50")
    let weights = SeededWeights(for: network, seed: 1)
    func run(_ choose: (ConvShape) -> ConvAlgorithm) throws -> [Float] {
      try logits(network, weights, images: 0..<2, size: 224, batch: 2, choose: choose)
        .flatMap(\.self)
    }
    let reference = try run { _ in .reference }
    func error(_ choose: (ConvShape) -> ConvAlgorithm) throws -> Double {
      relativeError(try run(choose), reference)
    }
    let native = try error(Engine.native.algorithm(for:))
    let direct = try error(Engine.nativeDirect.algorithm(for:))
    // Also where the engine would not transform: every layer that can be.
    let transformed = try error {
      ConvAlgorithm.winograd4x3.supports($0) ? .winograd4x3 : .direct
    }
    print("ResNet-50 at 224: native \(native), direct \(direct), all 3x3 by F(4,3) \(transformed)")
    #expect(native < 1e-3)
    #expect(direct < 1e-5)
    #expect(transformed < 1e-3)
    #expect(transformed != direct, "other sums must round otherwise")
  }

  @Test func namesTheClassThatOpenBLASNames() throws {
    let network = try Network.named("resnet50")
    let seeded = SeededWeights(for: network, seed: 1)
    let calibration = try logits(
      network, seeded, images: 1000..<1100, size: 112, batch: 50,
      choose: Engine.nativeDirect.algorithm(for:))
    let weights = StandardisedClassifier(of: network, seeded, logits: calibration)
    func run(_ engine: Engine) throws -> [[Float]] {
      try logits(
        network, weights, images: 0..<200, size: 112, batch: 50, choose: engine.algorithm(for:))
    }
    let (native, openblas) = (try run(.native), try run(.openblas))
    var (counted, classes) = (0, Set<Int>())
    for (own, theirs) in zip(native, openblas) {
      let ranked = theirs.indices.sorted { theirs[$0] > theirs[$1] }
      let bound = 1e-3 * (theirs.map(abs).max() ?? 0)
      guard theirs[ranked[0]] - theirs[ranked[1]] > bound else { continue }
      counted += 1
      classes.insert(ranked[0])
      #expect(own.indices.max { own[$0] < own[$1] } == ranked[0])
    }
    print("top-1 of \(counted) of \(native.count) images, \(classes.count) classes")
    #expect(counted >= 180)
    #expect(classes.count >= 50)
  }
}

/// Seeded weights whose last layer is scaled and shifted so that each class's logit has mean 0 and
/// variance 1 over some images.
///
/// With seeded weights alone a few classes win for almost every image.
private struct StandardisedClassifier: WeightSource {
  private let base: SeededWeights
  private let last: Set<String>
  private let means: [Float]
  private let deviations: [Float]

  /// Measures the classes' logits.
  ///
  /// - Parameters:
  ///   - network: What ends in the layer.
  ///   - base: The weights that gave the logits.
  ///   - logits: One row an image.
  init(of network: Network, _ base: SeededWeights, logits: [[Float]]) {
    self.base = base
    last = Set(network.parameters.suffix(2).map(\.name))
    let count = Float(logits.count)
    let means = (0..<network.classes).map { k in logits.reduce(0) { $0 + $1[k] } / count }
    deviations = (0..<network.classes).map { k in
      (logits.reduce(0) { $0 + ($1[k] - means[k]) * ($1[k] - means[k]) } / count).squareRoot()
    }
    self.means = means
  }

  func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    try base.read(parameter, into: values)
    guard last.contains(parameter.name) else { return }
    let width = parameter.count / means.count
    for index in values.indices {
      let k = index / width
      let shift = parameter.role == .bias ? means[k] : 0
      values[index] = (values[index] - shift) / deviations[k]
    }
  }
}

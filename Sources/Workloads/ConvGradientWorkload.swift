import Harness
import Kernels
import Programs

/// A gradient of one convolution; `conv/NETWORK.LAYER/backward-data/…` and `backward-weights`.
final class ConvGradientWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.conv
  let threads: Int
  let algorithm: String
  private let shape: ConvShape
  private let layers: [String]
  private let bound: Double
  private let gradient: Gradient
  private let pool: ThreadPool
  private let input: AlignedBuffer
  private let filters: AlignedBuffer
  private let outputGradient: AlignedBuffer
  private let result: AlignedBuffer
  private let workspace: AlignedBuffer

  /// One of the two passes, compiled.
  private enum Gradient {
    case data(any CompiledBackwardData)
    case weights(any CompiledBackwardWeights)

    init(_ shape: ConvShape, isData: Bool, algorithm: ConvAlgorithm, threads: Int) {
      self =
        isData
        ? .data(algorithm.compileBackwardData(shape, threads: threads))
        : .weights(algorithm.compileBackwardWeights(shape, threads: threads))
    }

    var workspaceCount: Int {
      switch self {
      case .data(let compiled): compiled.workspaceCount
      case .weights(let compiled): compiled.workspaceCount
      }
    }

    var executedFLOPs: FLOPs {
      switch self {
      case .data(let compiled): compiled.executedFLOPs
      case .weights(let compiled): compiled.executedFLOPs
      }
    }
  }

  /// Compiles the pass and fills its inputs; `layers` are those of the network with this shape.
  init(
    id: CaseID, shape: ConvShape, layers: [String], isData: Bool, algorithm: ConvAlgorithm,
    threads: Int, seed: UInt64
  ) {
    self.id = id.description
    self.threads = threads
    (self.shape, self.layers) = (shape, layers)
    self.algorithm =
      algorithm.rawValue + (isData ? ".backward-data" : ".backward-weights")
    bound = algorithm.relativeErrorOnIntegers
    pool = ThreadPool(threads: threads)
    gradient = Gradient(shape, isData: isData, algorithm: algorithm, threads: threads)
    input = AlignedBuffer(count: shape.inputCount)
    filters = AlignedBuffer(count: shape.filterCount)
    outputGradient = AlignedBuffer(count: shape.outputCount)
    result = AlignedBuffer(count: isData ? shape.inputCount : shape.filterCount)
    workspace = AlignedBuffer(count: gradient.workspaceCount)
    SmallIntegers.fill(input.elements, seed: seed)
    SmallIntegers.fill(filters.elements, seed: seed &+ 1)
    SmallIntegers.fill(outputGradient.elements, seed: seed &+ 2)
  }

  var parameters: [String: JSONValue] { shape.parameters(layers: layers, threads: threads) }
  var directFLOPs: FLOPs { shape.macs.flops }
  var executedFLOPs: FLOPs { gradient.executedFLOPs }

  func run() { compute(gradient, into: result.pointer, workspace: workspace.pointer) }

  /// Holds the whole gradient against the reference.
  func check() -> CaseRecord.Correctness {
    run()
    let isData = if case .data = gradient { true } else { false }
    let oracle = Gradient(shape, isData: isData, algorithm: .reference, threads: threads)
    let expected = AlignedBuffer(count: result.count)
    let scratch = AlignedBuffer(count: oracle.workspaceCount)
    compute(oracle, into: expected.pointer, workspace: scratch.pointer)
    let error = RelativeError.between(result.elements, expected.elements)
    return .init(passed: error <= bound, error: error)
  }

  func checksum() -> UInt64 { Checksum.of(result.elements) }

  private func compute(
    _ gradient: Gradient, into result: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    switch gradient {
    case .data(let compiled):
      compiled.run(
        BackwardDataOperands(
          outputGradient: outputGradient.pointer, filters: filters.pointer,
          inputGradient: result, workspace: workspace),
        pool: pool)
    case .weights(let compiled):
      compiled.run(
        BackwardWeightsOperands(
          input: input.pointer, outputGradient: outputGradient.pointer, filterGradient: result,
          workspace: workspace),
        pool: pool)
    }
  }
}

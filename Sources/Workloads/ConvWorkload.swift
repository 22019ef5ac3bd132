import Harness
import Kernels
import Programs

/// One pass over a convolution of a network; `conv/NETWORK.LAYER/DIRECTION/bN/tN/ENGINE`.
final class ConvWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.conv
  let threads: Int
  let algorithm: String
  private let shape: ConvShape
  private let layers: [String]
  private let direction: CaseID.Direction
  private let bound: Double
  private let pass: Pass
  private let pool: ThreadPool
  private let input: AlignedBuffer
  private let filters: AlignedBuffer
  /// Empty forward.
  private let outputGradient: AlignedBuffer
  private let result: AlignedBuffer
  private let workspace: AlignedBuffer

  /// A pass, compiled.
  private enum Pass {
    case forward(any CompiledConvolution)
    case backwardData(any CompiledBackwardData)
    case backwardWeights(any CompiledBackwardWeights)

    init(
      _ direction: CaseID.Direction, _ shape: ConvShape, _ algorithm: ConvAlgorithm,
      filters: UnsafePointer<Float>, threads: Int
    ) {
      switch direction {
      case .forward:
        self = .forward(
          algorithm.compile(shape, filters: filters, bias: nil, threads: threads))
      case .backwardData:
        self = .backwardData(algorithm.compileBackwardData(shape, threads: threads))
      case .backwardWeights:
        self = .backwardWeights(algorithm.compileBackwardWeights(shape, threads: threads))
      }
    }

    var compiled: any CompiledPass {
      switch self {
      case .forward(let pass): pass
      case .backwardData(let pass): pass
      case .backwardWeights(let pass): pass
      }
    }
  }

  /// Compiles the pass and fills what it reads; `layers` are those of the network with this shape.
  init(
    id: CaseID, shape: ConvShape, layers: [String], direction: CaseID.Direction,
    algorithm: ConvAlgorithm, threads: Int, seed: UInt64
  ) {
    self.id = id.description
    self.threads = threads
    (self.shape, self.layers, self.direction) = (shape, layers, direction)
    self.algorithm =
      algorithm.rawValue + (direction == .forward ? "" : ".\(direction.rawValue)")
    bound = algorithm.relativeErrorOnIntegers
    pool = ThreadPool(threads: threads)
    input = AlignedBuffer(count: shape.inputCount)
    filters = AlignedBuffer(count: shape.filterCount)
    outputGradient = AlignedBuffer(count: direction == .forward ? 0 : shape.outputCount)
    SmallIntegers.fill(input.elements, seed: seed)
    SmallIntegers.fill(filters.elements, seed: seed &+ 1)
    SmallIntegers.fill(outputGradient.elements, seed: seed &+ 2)
    pass = Pass(direction, shape, algorithm, filters: filters.pointer, threads: threads)
    let count =
      switch direction {
      case .forward: shape.outputCount
      case .backwardData: shape.inputCount
      case .backwardWeights: shape.filterCount
      }
    result = AlignedBuffer(count: count)
    workspace = AlignedBuffer(count: pass.compiled.workspaceCount)
  }

  var parameters: [String: JSONValue] { shape.parameters(layers: layers, threads: threads) }
  var directFLOPs: FLOPs { shape.macs.flops }
  var executedFLOPs: FLOPs { pass.compiled.executedFLOPs }

  func run() { compute(pass, input.pointer, into: result.pointer, workspace: workspace.pointer) }

  /// Holds a whole gradient against the reference; forward, the first and the last image.
  func check() -> CaseRecord.Correctness {
    run()
    let isForward = direction == .forward
    let part = isForward ? shape.withBatch(1) : shape
    let oracle = Pass(direction, part, .reference, filters: filters.pointer, threads: threads)
    let expected = AlignedBuffer(count: isForward ? part.outputCount : result.count)
    let scratch = AlignedBuffer(count: oracle.compiled.workspaceCount)
    var worst = 0.0
    for image in Set([0, isForward ? shape.N - 1 : 0]) {
      compute(
        oracle, input.pointer + image * part.inputCount, into: expected.pointer,
        workspace: scratch.pointer)
      let own = UnsafeBufferPointer(
        start: result.pointer + image * expected.count, count: expected.count)
      worst = max(worst, RelativeError.between(own, expected.elements))
    }
    return .init(passed: worst <= bound, error: worst, against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(result.elements) }

  private func compute(
    _ pass: Pass, _ input: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    switch pass {
    case .forward(let pass):
      pass.run(ConvOperands(input: input, output: result, workspace: workspace), pool: pool)
    case .backwardData(let pass):
      pass.run(
        BackwardDataOperands(
          outputGradient: outputGradient.pointer, filters: filters.pointer,
          inputGradient: result, workspace: workspace),
        pool: pool)
    case .backwardWeights(let pass):
      pass.run(
        BackwardWeightsOperands(
          input: input, outputGradient: outputGradient.pointer, filterGradient: result,
          workspace: workspace),
        pool: pool)
    }
  }
}

extension ConvShape {
  /// Bytes of input, filters and output: what has to move at least once, in every direction.
  package var minimumBytes: Int {
    MemoryLayout<Float>.stride * (inputCount + filterCount + outputCount)
  }

  /// What a record says of a layer; `layers` are those of the network with this shape.
  func parameters(layers: [String], threads: Int) -> [String: JSONValue] {
    let dimensions = [
      ("n", N), ("c", C), ("h", H), ("w", W), ("k", K), ("r", R), ("s", S), ("stride", stride),
      ("padding", padding), ("threads", threads), ("layers", layers.count),
      ("minimum_bytes", minimumBytes),
    ]
    return Dictionary(
      uniqueKeysWithValues: dimensions.map { ($0, JSONValue.number(Double($1))) }
        + [("layer_names", .array(layers.map(JSONValue.string)))])
  }
}

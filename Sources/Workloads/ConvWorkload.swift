import Harness
import Kernels
import Programs

/// One convolution of a network; `conv/NETWORK.LAYER/forward/bN/tN/ENGINE`.
final class ConvWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.conv
  let threads: Int
  let algorithm: String
  private let shape: ConvShape
  private let layers: [String]
  private let bound: Double
  private let convolution: any CompiledConvolution
  private let pool: ThreadPool
  private let input: AlignedBuffer
  private let filters: AlignedBuffer
  private let output: AlignedBuffer
  private let workspace: AlignedBuffer

  /// Packs the filters and fills the input; `layers` are those of the network with this shape.
  init(
    id: CaseID, shape: ConvShape, layers: [String], algorithm: ConvAlgorithm, threads: Int,
    seed: UInt64
  ) {
    self.id = id.description
    self.shape = shape
    self.layers = layers
    self.threads = threads
    self.algorithm = algorithm.rawValue
    bound = algorithm.relativeErrorOnIntegers
    pool = ThreadPool(threads: threads)
    input = AlignedBuffer(count: shape.inputCount)
    filters = AlignedBuffer(count: shape.filterCount)
    output = AlignedBuffer(count: shape.outputCount)
    SmallIntegers.fill(input.elements, seed: seed)
    SmallIntegers.fill(filters.elements, seed: seed &+ 1)
    convolution = algorithm.compile(
      shape, filters: filters.pointer, bias: nil, threads: threads)
    workspace = AlignedBuffer(count: convolution.workspaceCount)
  }

  var parameters: [String: JSONValue] { shape.parameters(layers: layers, threads: threads) }
  var directFLOPs: FLOPs { shape.macs.flops }
  var executedFLOPs: FLOPs { convolution.executedFLOPs }

  func run() {
    convolution.run(
      ConvOperands(
        input: input.pointer, output: output.pointer, workspace: workspace.pointer),
      pool: pool)
  }

  /// Holds the first and the last image against the reference.
  func check() -> CaseRecord.Correctness {
    run()
    let single = shape.withBatch(1)
    let oracle = ConvAlgorithm.reference.compile(
      single, filters: filters.pointer, bias: nil, threads: threads)
    let expected = AlignedBuffer(count: single.outputCount)
    let scratch = AlignedBuffer(count: oracle.workspaceCount)
    var worst = 0.0
    for image in Set([0, shape.N - 1]) {
      oracle.run(
        ConvOperands(
          input: input.pointer + image * single.inputCount, output: expected.pointer,
          workspace: scratch.pointer),
        pool: pool)
      let actual = UnsafeBufferPointer(
        start: output.pointer + image * single.outputCount, count: single.outputCount)
      worst = max(worst, RelativeError.between(actual, expected.elements))
    }
    return .init(passed: worst <= bound, error: worst)
  }

  func checksum() -> UInt64 { Checksum.of(output.elements) }
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

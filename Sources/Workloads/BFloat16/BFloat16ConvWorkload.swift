import Basics
import Harness
import Kernels
import Programs

/// A convolution of bfloat16 with a network's layer's shape;
/// `conv/NETWORK.LAYER/forward/bN/tN/bf16/ENGINE`.
///
/// Results are rounded to bfloat16 behind a ReLU, as between layers of a network. Numbers are whole and
/// small, so that sums are exact in any order.
final class BFloat16ConvWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.conv
  let threads: Int
  let algorithm: String
  private let shape: ConvShape
  private let layers: [String]
  private let convolution: any CompiledBFloat16Convolution
  private let pool: ThreadPool
  private let input: AlignedBuffer
  private let weights: AlignedBuffer
  private let output: AlignedBuffer
  private let workspace: AlignedBuffer

  private static let epilogue = BFloat16Epilogue(activation: .relu)

  /// Compiles the layer and fills what it reads; `layers` are those of the network with this shape.
  init(
    id: CaseID, shape: ConvShape, layers: [String], isReference: Bool, threads: Int, seed: UInt64
  ) {
    self.id = id.description
    self.threads = threads
    (self.shape, self.layers) = (shape, layers)
    input = AlignedBuffer(byteCount: 2 * shape.inputCount)
    weights = AlignedBuffer(byteCount: 2 * shape.filterCount)
    output = AlignedBuffer(byteCount: 2 * shape.outputCount)
    Self.fill(input.bytes, shape.inputCount, seed: seed)
    Self.fill(weights.bytes, shape.filterCount, seed: seed &+ 1)
    let chosen: BFloat16Algorithm = isReference ? .reference : .tile
    let compiled = Self.compile(chosen, shape, weights.bytes, threads)
    (convolution, algorithm) = (compiled, chosen.rawValue)
    pool = ThreadPool(threads: threads)
    workspace = AlignedBuffer(byteCount: compiled.workspaceByteCount)
  }

  var parameters: [String: JSONValue] {
    let bytes = 2 * (shape.inputCount + shape.filterCount + shape.outputCount)
    return shape.parameters(layers: layers, threads: threads)
      .merging(["minimum_bytes": .number(Double(bytes))]) { $1 }
  }
  var directFLOPs: FLOPs { shape.macs.flops }
  var executedFLOPs: FLOPs { convolution.executedFLOPs }

  func run() {
    compute(convolution, image: 0, into: output.bytes, workspace: workspace.bytes)
  }

  /// Holds every number of the first and the last image against the reference; none may differ.
  func check() -> CaseRecord.Correctness {
    run()
    let part = shape.withBatch(1)
    let oracle = Self.compile(.reference, part, weights.bytes, threads)
    let expected = AlignedBuffer(byteCount: 2 * part.outputCount)
    let scratch = AlignedBuffer(byteCount: oracle.workspaceByteCount)
    var worst = 0.0
    for image in Set([0, shape.N - 1]) {
      compute(oracle, image: image, into: expected.bytes, workspace: scratch.bytes)
      let own = Self.values(output.bytes + 2 * image * part.outputCount, part.outputCount)
      worst = max(
        worst, RelativeError.between(own, Self.values(expected.bytes, part.outputCount)))
    }
    return .init(passed: worst == 0, error: worst, against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(output.elements) }

  private func compute(
    _ convolution: any CompiledBFloat16Convolution, image: Int,
    into output: UnsafeMutableRawPointer, workspace: UnsafeMutableRawPointer
  ) {
    let first = input.bytes + 2 * image * (shape.inputCount / shape.N)
    convolution.run(
      BFloat16Operands(
        input: UnsafePointer(first.assumingMemoryBound(to: BFloat16.self)), output: output,
        workspace: workspace),
      pool: pool)
  }

  private static func compile(
    _ algorithm: BFloat16Algorithm, _ shape: ConvShape, _ weights: UnsafeMutableRawPointer,
    _ threads: Int
  ) -> any CompiledBFloat16Convolution {
    algorithm.compile(
      shape,
      filters: BFloat16Filters(
        weights: UnsafePointer(weights.assumingMemoryBound(to: BFloat16.self))),
      epilogue: epilogue, threads: threads)
  }

  private static func values(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> [Float] {
    let numbers = bytes.assumingMemoryBound(to: BFloat16.self)
    return (0..<count).map { numbers[$0].value }
  }

  /// Fills with whole numbers in -4...4, whose sums are exact while there are less than a million.
  private static func fill(_ bytes: UnsafeMutableRawPointer, _ count: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let target = bytes.assumingMemoryBound(to: BFloat16.self)
    for index in 0..<count { target[index] = BFloat16(Float(Int(random.next() % 9) - 4)) }
  }
}

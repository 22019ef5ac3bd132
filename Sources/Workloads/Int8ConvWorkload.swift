import Basics
import Harness
import Kernels

/// A convolution of bytes with a network's layer's shape;
/// `conv/NETWORK.LAYER/forward/bN/tN/int8/ENGINE`.
///
/// All bytes and weights occur, and results are rounded to bytes as between layers of a network.
final class Int8ConvWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.conv
  let threads: Int
  let algorithm: String
  private let shape: ConvShape
  private let layers: [String]
  private let scales: [Float]
  private let epilogue: Int8Epilogue
  private let convolution: any CompiledInt8Convolution
  private let pool: ThreadPool
  private let input: AlignedBuffer
  private let weights: AlignedBuffer
  private let bias: AlignedBuffer
  private let output: AlignedBuffer
  private let workspace: AlignedBuffer

  /// What bytes of the input stand for: a zero point that a border shows.
  private static let quantization = Quantization(scale: 0x1p-6, zeroPoint: 37)

  /// Compiles the layer and fills what it reads; `layers` are those of the network with this shape.
  init(
    id: CaseID, shape: ConvShape, layers: [String], engine: Engine, threads: Int, seed: UInt64
  ) {
    self.id = id.description
    self.threads = threads
    (self.shape, self.layers) = (shape, layers)
    input = AlignedBuffer(byteCount: shape.inputCount)
    weights = AlignedBuffer(byteCount: shape.filterCount)
    bias = AlignedBuffer(count: shape.K)
    output = AlignedBuffer(byteCount: shape.outputCount)
    let scales = (0..<shape.K).map { Float(8 + $0 % 7) * 0x1p-10 }
    // Sums of so many products of such bytes then fill the range of a byte, and leave it at times.
    let depth = Double(shape.R * shape.S * shape.C / shape.groups)
    let step = 64 * depth.squareRoot() * Double(Self.quantization.scale) * 0x1p-7
    let epilogue = Int8Epilogue.quantized(
      QuantizedRange(Quantization(scale: Float(step), zeroPoint: 101)))
    Self.fill(input.bytes, shape.inputCount, seed: seed)
    Self.fill(weights.bytes, shape.filterCount, seed: seed &+ 1)
    var random = SplitMix64(seed: seed &+ 2)
    let biases = bias.bytes.assumingMemoryBound(to: Int32.self)
    for k in 0..<shape.K { biases[k] = Int32(random.next() % 8191) - 4095 }
    let signed = UnsafePointer(weights.bytes.assumingMemoryBound(to: Int8.self))
    let chosen: Int8Algorithm =
      engine == .reference
      ? .reference : .native(shape, weights: signed, allowsWinograd: engine.allowsWinograd)
    let compiled = Self.compile(
      chosen, shape, signed, scales, UnsafePointer(biases), epilogue, threads)
    (self.scales, self.epilogue, convolution) = (scales, epilogue, compiled)
    algorithm = chosen.rawValue
    pool = ThreadPool(threads: threads)
    workspace = AlignedBuffer(byteCount: compiled.workspaceByteCount)
  }

  var parameters: [String: JSONValue] {
    let bytes = shape.inputCount + shape.filterCount + shape.outputCount
    return shape.parameters(layers: layers, threads: threads)
      .merging(["minimum_bytes": .number(Double(bytes))]) { $1 }
  }
  var directFLOPs: FLOPs { FLOPs(0) }
  var executedFLOPs: FLOPs { FLOPs(0) }
  var integerOperations: IntegerOperations? { convolution.executedOperations }
  var directIntegerOperations: IntegerOperations? { shape.macs.integerOperations }

  func run() {
    compute(convolution, inputBytes, into: output.bytes, workspace: workspace.bytes)
  }

  /// Holds every byte of the first and the last image against the reference.
  func check() -> CaseRecord.Correctness {
    run()
    let part = shape.withBatch(1)
    let oracle = Self.compile(
      .reference, part, UnsafePointer(weights.bytes.assumingMemoryBound(to: Int8.self)), scales,
      UnsafePointer(bias.bytes.assumingMemoryBound(to: Int32.self)), epilogue, threads)
    let expected = AlignedBuffer(byteCount: part.outputCount)
    let scratch = AlignedBuffer(byteCount: oracle.workspaceByteCount)
    let own = output.bytes.assumingMemoryBound(to: UInt8.self)
    let right = expected.bytes.assumingMemoryBound(to: UInt8.self)
    var (worst, largest) = (0, 1)
    for image in Set([0, shape.N - 1]) {
      compute(
        oracle, inputBytes + image * part.inputCount, into: expected.bytes,
        workspace: scratch.bytes)
      let first = own + image * part.outputCount
      for i in 0..<part.outputCount {
        worst = max(worst, abs(Int(first[i]) - Int(right[i])))
        largest = max(largest, Int(right[i]))
      }
    }
    return .init(passed: worst == 0, error: Double(worst) / Double(largest), against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(output.elements) }

  private var inputBytes: UnsafePointer<UInt8> {
    UnsafePointer(input.bytes.assumingMemoryBound(to: UInt8.self))
  }

  private func compute(
    _ convolution: any CompiledInt8Convolution, _ input: UnsafePointer<UInt8>,
    into output: UnsafeMutableRawPointer, workspace: UnsafeMutableRawPointer
  ) {
    convolution.run(Int8Operands(input: input, output: output, workspace: workspace), pool: pool)
  }

  private static func compile(
    _ algorithm: Int8Algorithm, _ shape: ConvShape, _ weights: UnsafePointer<Int8>,
    _ scales: [Float], _ bias: UnsafePointer<Int32>, _ epilogue: Int8Epilogue, _ threads: Int
  ) -> any CompiledInt8Convolution {
    scales.withUnsafeBufferPointer { scales in
      guard let first = scales.baseAddress else { preconditionFailure("no filters") }
      return algorithm.compile(
        shape, input: quantization,
        filters: Int8Filters(weights: weights, scales: first, bias: bias), epilogue: epilogue,
        threads: threads)
    }
  }

  private static func fill(_ bytes: UnsafeMutableRawPointer, _ count: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let target = bytes.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { target[index] = UInt8(truncatingIfNeeded: random.next()) }
  }
}

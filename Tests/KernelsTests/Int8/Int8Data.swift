import Basics
import Kernels
import TestSupport

/// Bytes of any element in aligned memory, with more behind them that nobody may write.
final class GuardedBytes {
  private static let margin = 64
  private static let mark: UInt8 = 0xA5
  private let buffer: AlignedBuffer
  private let count: Int

  init(count: Int, filledWith byte: UInt8 = GuardedBytes.mark) {
    self.count = count
    buffer = AlignedBuffer(byteCount: count + Self.margin)
    for i in 0..<count { buffer.bytes.storeBytes(of: byte, toByteOffset: i, as: UInt8.self) }
    for i in count..<count + Self.margin {
      buffer.bytes.storeBytes(of: Self.mark, toByteOffset: i, as: UInt8.self)
    }
  }

  convenience init<Element>(_ values: [Element]) {
    self.init(count: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBytes { source in
      guard let first = source.baseAddress else { return }
      pointer.copyMemory(from: first, byteCount: source.count)
    }
  }

  var pointer: UnsafeMutableRawPointer { buffer.bytes }
  var bytes: UnsafeMutablePointer<UInt8> { pointer.assumingMemoryBound(to: UInt8.self) }
  var input: UnsafePointer<UInt8> { UnsafePointer(bytes) }
  var values: [UInt8] { (0..<count).map { bytes[$0] } }
  /// Whether what lies behind the bytes is as it was.
  var isIntact: Bool { (count..<count + Self.margin).allSatisfy { bytes[$0] == Self.mark } }
}

/// Everything that one convolution of bytes reads.
struct Int8Data {
  /// Which bytes and weights occur.
  enum Values: CaseIterable {
    case all
    /// 0 and 255, -128 and 127.
    case extremes
    /// Weights of 7 bits, for which no pair of products saturates.
    case narrow
  }

  let shape: ConvShape
  let quantization: Quantization
  var input: [UInt8]
  var weights: [Int8]
  var bias: [Int32]
  var scales: [Float]
  var residual: [UInt8]

  /// Draws all; scales that are powers of two make ties exact and frequent.
  init(_ shape: ConvShape, _ values: Values = .all, isDyadic: Bool = false, zeroPoint: UInt8 = 77) {
    var random = SeededRandom(seed: UInt64(shape.macs.count &+ 17))
    func byte() -> UInt8 {
      values == .extremes
        ? (random.next() & 1 == 0 ? 0 : 255) : UInt8(truncatingIfNeeded: random.next())
    }
    func weight() -> Int8 {
      switch values {
      case .all: Int8(truncatingIfNeeded: random.next())
      case .extremes: random.next() & 1 == 0 ? -128 : 127
      case .narrow: Int8(Int(random.next() % 129) - 64)
      }
    }
    self.shape = shape
    quantization = Quantization(scale: isDyadic ? 0.5 : 0.0371, zeroPoint: zeroPoint)
    input = (0..<shape.inputCount).map { _ in byte() }
    weights = (0..<shape.filterCount).map { _ in weight() }
    bias = (0..<shape.K).map { _ in Int32(random.next() % 20_001) - 10_000 }
    scales = (0..<shape.K).map {
      isDyadic ? 0.25 : 0.013 * (1 + 0.21 * Float($0 % 5))
    }
    residual = (0..<shape.outputCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Steps of a result that spread sums over the range of a byte; more for a larger `spread`.
  func range(_ zeroPoint: UInt8, spread: Double = 1, least: UInt8 = 0, most: UInt8 = 255)
    -> QuantizedRange
  {
    let depth = Double(shape.R * shape.S * shape.C / shape.groups)
    let product = Double(quantization.scale) * Double(scales[0])
    let exponent = (depth.squareRoot() * 96).binade
    let scale = product * exponent / spread
    return QuantizedRange(
      Quantization(scale: Float(scale), zeroPoint: zeroPoint), least: least, most: most)
  }

  /// Every kind of ending: bounds, activations, results of each type, factors above 1 and far
  /// above.
  var epilogues: [Int8Epilogue] {
    let own = range(120)
    let total = Quantization(scale: own.quantization.scale * 1.5, zeroPoint: 40)
    let other = Quantization(scale: own.quantization.scale * 0.75, zeroPoint: 99)
    return [
      .sums, .real(), .real(least: 0), .real(least: -0.75, most: 6),
      .quantized(range(0)), .quantized(own), .quantized(range(255)),
      .quantized(range(13, least: 13, most: 200)), .quantized(range(128, spread: 0x1p9)),
      .quantized(range(128, spread: 0x1p40)),
      .added(own, residual: other, total: QuantizedRange(total)),
      .added(range(128, least: 128), residual: own.quantization, total: range(7, least: 7)),
      .added(
        own, residual: Quantization(scale: total.scale * 0x1p30, zeroPoint: 100),
        total: QuantizedRange(total)),
      .joined(residual: other, total: QuantizedRange(total)),
      .joined(residual: own.quantization, total: range(0)),
      .joined(residual: other, total: range(7, least: 7, most: 200)),
      .joined(residual: own.quantization, total: range(128, spread: 0x1p40)),
      .joined(
        residual: Quantization(scale: total.scale * 0x1p30, zeroPoint: 100),
        total: QuantizedRange(total)),
    ]
  }

  /// The bytes of the output of one algorithm, and of what lies between its pixels.
  ///
  /// - Parameters:
  ///   - algorithm: One that supports it.
  ///   - epilogue: What becomes of the sums.
  ///   - gap: Elements between a pixel and the next that are another's.
  ///   - inPlace: Whether the residual lies in the output.
  ///   - endsAtPage: Whether a read beyond the input stops the process.
  ///   - pool: Runs it.
  ///   - caches: What block sizes follow from.
  /// - Returns: Nil where memory was written that is none of its own.
  func convolve(
    _ algorithm: Int8Algorithm, _ epilogue: Int8Epilogue, gap: Int = 0, inPlace: Bool = false,
    endsAtPage: Bool = false, pool: ThreadPool, caches: CacheSizes = .current
  ) -> [UInt8]? {
    let (weights, scales, bias) = (
      GuardedBytes(weights), GuardedBytes(scales), GuardedBytes(bias)
    )
    let compiled = algorithm.compile(
      shape, input: quantization,
      filters: Int8Filters(
        weights: UnsafePointer(weights.pointer.assumingMemoryBound(to: Int8.self)),
        scales: UnsafePointer(scales.pointer.assumingMemoryBound(to: Float.self)),
        bias: UnsafePointer(bias.pointer.assumingMemoryBound(to: Int32.self))),
      epilogue: epilogue, threads: pool.threads, caches: caches)
    let pitch = shape.K + gap
    let pixels = shape.outputCount / shape.K
    let input = GuardedBytes(self.input)
    let spread = GuardedBytes(count: pixels * pitch, filledWith: 3)
    for pixel in 0..<pixels {
      for k in 0..<shape.K { spread.bytes[pixel * pitch + k] = residual[pixel * shape.K + k] }
    }
    let width = epilogue.addsResidual || isByte(epilogue) ? 1 : 4
    let output =
      inPlace ? spread : GuardedBytes(count: pixels * pitch * width, filledWith: 0x5A)
    let workspace = GuardedBytes(count: compiled.workspaceByteCount)
    let last = endsAtPage ? PageEndBytes(self.input) : nil
    withExtendedLifetime(last) {
      compiled.run(
        Int8Operands(
          input: last?.pointer.assumingMemoryBound(to: UInt8.self) ?? input.input,
          residual: epilogue.addsResidual ? spread.input : nil, output: output.pointer,
          pitch: gap == 0 ? nil : pitch, workspace: workspace.pointer),
        pool: pool)
    }
    let memory = [weights, scales, bias, input, spread, output, workspace]
    return memory.allSatisfy(\.isIntact) ? output.values : nil
  }

  private func isByte(_ epilogue: Int8Epilogue) -> Bool {
    if case .quantized = epilogue { true } else { false }
  }
}

extension Int8Algorithm {
  /// Those that this build has beside the reference.
  static var fast: [Int8Algorithm] { allCases.filter { $0.isBuilt && $0 != .reference } }
}

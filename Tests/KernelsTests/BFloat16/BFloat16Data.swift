import Basics
import Kernels
import TestSupport

/// Everything that one convolution of bfloat16 reads.
struct BFloat16Data {
  let shape: ConvShape
  var input: [BFloat16]
  var weights: [BFloat16]
  var bias: [Float]
  /// Numbers that are bfloat16, whatever type they are added as.
  var residual: [Float]

  /// Draws all: whole numbers, whose sums are exact in any order, or any.
  init(_ shape: ConvShape, integers: Bool = false) {
    var random = SeededRandom(seed: UInt64(shape.macs.count &+ 23))
    func draw(_ count: Int) -> [Float] {
      integers ? random.integers(count) : random.floats(count, in: -2...2)
    }
    self.shape = shape
    input = draw(shape.inputCount).map { BFloat16($0) }
    weights = draw(shape.filterCount).map { BFloat16($0) }
    bias = draw(shape.K)
    residual = draw(shape.outputCount).map { BFloat16($0).value }
  }

  /// Every kind of ending: what is added, bounds and functions, results of each type.
  static let epilogues: [BFloat16Epilogue] = [
    BFloat16Epilogue(), BFloat16Epilogue(output: .f32),
    BFloat16Epilogue(activation: .relu),
    BFloat16Epilogue(residual: .bf16, activation: .relu),
    BFloat16Epilogue(residual: .f32, output: .f32),
    BFloat16Epilogue(residual: .f32, activation: .clip(least: -0.75, most: 6)),
    BFloat16Epilogue(residual: .bf16, activation: .leaky(slope: 0.125), output: .f32),
    BFloat16Epilogue(activation: .leaky(slope: 0.25)),
  ]

  /// A sum of products and bias in float64, and the sum of their magnitudes.
  struct Sum {
    var value: Double
    var magnitude: Double
    var products = 0

    mutating func add(_ term: Double) {
      value += term
      magnitude += abs(term)
      products += 1
    }

    /// How far a sum in float32 can be from this one, as `BFloat16Algorithm` has it.
    var bound: Double {
      1.01 * 2 * Double(products + 2) * 0x1p-24 * magnitude + 2 * Double(products) * 0x1p-126
    }
  }

  /// The sums of all outputs, of which each has 8-bit factors and so is nearly exact.
  var sums: [Sum] {
    let channels = shape.C / shape.groups
    let (x, w) = (input.map { Double($0.value) }, weights.map { Double($0.value) })
    var result: [Sum] = []
    for pixel in 0..<shape.N * shape.P * shape.Q {
      let (q, line) = (pixel % shape.Q, pixel / shape.Q)
      let (p, n) = (line % shape.P, line / shape.P)
      for k in 0..<shape.K {
        var sum = Sum(value: Double(bias[k]), magnitude: abs(Double(bias[k])))
        let first = k / (shape.K / shape.groups) * channels
        for r in 0..<shape.R {
          for s in 0..<shape.S {
            let (h, column) = (shape.row(p, r), shape.column(q, s))
            guard h >= 0, h < shape.H, column >= 0, column < shape.W else { continue }
            let place = ((n * shape.H + h) * shape.W + column) * shape.C + first
            let tap = ((k * shape.R + r) * shape.S + s) * channels
            for c in 0..<channels { sum.add(x[place + c] * w[tap + c]) }
          }
        }
        result.append(sum)
      }
    }
    return result
  }

  /// Runs one algorithm.
  ///
  /// - Parameters:
  ///   - algorithm: One that is built.
  ///   - epilogue: What becomes of the sums.
  ///   - gap: Elements behind each pixel of a wider tensor.
  ///   - inPlace: Whether the residual lies in the output; of the output's type then.
  ///   - endsAtPage: Whether a read beyond the input stops the process.
  ///   - pool: The threads.
  ///   - caches: What block sizes follow from.
  /// - Returns: The output's bytes; nil where something beside it was written.
  func convolve(
    _ algorithm: BFloat16Algorithm, _ epilogue: BFloat16Epilogue, gap: Int = 0,
    inPlace: Bool = false, endsAtPage: Bool = false, pool: ThreadPool,
    caches: CacheSizes = .current
  ) -> [UInt8]? {
    let (weights, bias) = (GuardedBytes(self.weights), GuardedBytes(self.bias))
    let compiled = algorithm.compile(
      shape,
      filters: BFloat16Filters(
        weights: UnsafePointer(weights.pointer.assumingMemoryBound(to: BFloat16.self)),
        bias: UnsafePointer(bias.pointer.assumingMemoryBound(to: Float.self))),
      epilogue: epilogue, threads: pool.threads, caches: caches)
    let pitch = shape.K + gap
    let pixels = shape.outputCount / shape.K
    let input = GuardedBytes(self.input)
    let width = epilogue.residual?.byteCount ?? 2
    let spread = GuardedBytes(count: pixels * pitch * width, filledWith: 0x5A)
    for pixel in 0..<pixels {
      for k in 0..<shape.K {
        let (value, place) = (residual[pixel * shape.K + k], (pixel * pitch + k) * width)
        if width == 2 {
          spread.pointer.storeBytes(
            of: BFloat16(value).bits, toByteOffset: place, as: UInt16.self)
        } else {
          spread.pointer.storeBytes(of: value, toByteOffset: place, as: Float.self)
        }
      }
    }
    let output =
      inPlace
      ? spread
      : GuardedBytes(count: pixels * pitch * epilogue.output.byteCount, filledWith: 0x5A)
    let workspace = GuardedBytes(count: compiled.workspaceByteCount, filledWith: 0xFF)
    let last = endsAtPage ? PageEndBytes(self.input) : nil
    let first = last?.pointer ?? UnsafeRawPointer(input.pointer)
    withExtendedLifetime(last) {
      compiled.run(
        BFloat16Operands(
          input: first.assumingMemoryBound(to: BFloat16.self),
          residual: epilogue.residual == nil ? nil : UnsafeRawPointer(spread.pointer),
          output: output.pointer, pitch: gap == 0 ? nil : pitch, workspace: workspace.pointer),
        pool: pool)
    }
    let memory = [weights, bias, input, spread, output, workspace]
    return memory.allSatisfy(\.isIntact) ? output.values : nil
  }

  /// Elements of bytes as numbers.
  static func numbers(_ bytes: [UInt8], _ epilogue: BFloat16Epilogue) -> [Double] {
    bytes.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return [] }
      let count = bytes.count / epilogue.output.byteCount
      return (0..<count).map { epilogue.output.number($0, in: first) }
    }
  }
}

extension BFloat16Algorithm {
  /// Those that this build has beside the reference.
  static var fast: [BFloat16Algorithm] { allCases.filter { $0.isBuilt && $0 != .reference } }
}

import CShims

/// Convolution of bytes in which every channel has one filter of its own (`groups = C = K`).
///
/// Vector lanes run over channels. The taps of four neighbouring pixels are pointed to, those in
/// the padding to a row of zero points, and then all channels are worked through; channels that
/// fill no vector are summed one by one.
final class Int8Depthwise: CompiledInt8Convolution {
  let shape: ConvShape
  let algorithm = Int8Algorithm.depthwise
  let epilogue: Int8Epilogue

  private let ending: Int8Ending
  private let zeros: AlignedBuffer
  /// `R S C`, widened to s32.
  private let filters: AlignedBuffer
  /// What the sums of each channel start from, in s32.
  private let start: AlignedBuffer
  private let factors: AlignedBuffer
  private let threads: Int

  /// Pixels that share the taps of a filter.
  private static let pixels = 4

  init(
    _ shape: ConvShape, input: Quantization, filters source: Int8Filters, epilogue: Int8Epilogue,
    threads: Int
  ) {
    let (C, taps) = (shape.C, shape.R * shape.S)
    (self.shape, self.epilogue, self.threads) = (shape, epilogue, threads)
    let multipliers = (0..<C).map { epilogue.factor(input: input, filter: source.scales[$0]) }
    ending = Int8Ending(epilogue, largestFactor: multipliers.max() ?? 0)
    zeros = AlignedBuffer(byteCount: C)
    filters = AlignedBuffer(count: taps * C)
    start = AlignedBuffer(count: C)
    factors = AlignedBuffer(count: C)
    zeros.bytes.initializeMemory(as: UInt8.self, repeating: input.zeroPoint, count: C)
    for c in 0..<C {
      var sum: Int32 = 0
      for tap in 0..<taps {
        let weight = Int32(source.weights[c * taps + tap])
        sum &+= weight
        filters.bytes.storeBytes(of: weight, toByteOffset: 4 * (tap * C + c), as: Int32.self)
      }
      let first = (source.bias?[c] ?? 0) &- Int32(input.zeroPoint) &* sum
      start.bytes.storeBytes(of: first, toByteOffset: 4 * c, as: Int32.self)
      factors.pointer[c] = multipliers[c]
    }
  }

  /// Bytes of the pointers of one thread.
  private var pointerByteCount: Int { (Self.pixels * shape.R * shape.S * 8 + 63) / 64 * 64 }

  var workspaceByteCount: Int { threads * pointerByteCount }

  func run(_ operands: Int8Operands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    let taps = shape.R * shape.S
    pool.run { worker in
      let pointers = (operands.workspace + worker * pointerByteCount)
        .assumingMemoryBound(to: UnsafePointer<UInt8>.self)
      let lines = ThreadPool.share(of: shape.N * shape.P, worker: worker, workers: threads)
      for line in lines {
        for q in stride(from: 0, to: shape.Q, by: Self.pixels) {
          let count = min(Self.pixels, shape.Q - q)
          for i in 0..<Self.pixels {
            point(pointers + i * taps, operands.input, line, q + min(i, count - 1))
          }
          strip(pointers, operands, line * shape.Q + q, count)
        }
      }
    }
  }

  /// Points to the pixels under the taps of one window.
  private func point(
    _ pointers: UnsafeMutablePointer<UnsafePointer<UInt8>>, _ input: UnsafePointer<UInt8>,
    _ line: Int, _ q: Int
  ) {
    let (image, p) = (line / shape.P, line % shape.P)
    let border = UnsafePointer(zeros.bytes.assumingMemoryBound(to: UInt8.self))
    var target = pointers
    for r in 0..<shape.R {
      let h = shape.row(p, r)
      let row = input + (image * shape.H + h) * shape.W * shape.C
      for s in 0..<shape.S {
        let w = shape.column(q, s)
        let isInside = h >= 0 && h < shape.H && w >= 0 && w < shape.W
        target.pointee = isInside ? row + w * shape.C : border
        target += 1
      }
    }
  }

  /// All channels of up to four pixels.
  private func strip(
    _ pointers: UnsafePointer<UnsafePointer<UInt8>>, _ operands: Int8Operands, _ pixel: Int,
    _ count: Int
  ) {
    let (C, taps, lanes) = (shape.C, shape.R * shape.S, WordTileLimits.lanes)
    let weights = UnsafeRawPointer(filters.bytes)
    var c = 0
    while c + lanes <= C {
      let first = UnsafeRawPointer(start.bytes + 4 &* c).ints()
      var (s0, s1, s2, s3) = (first, first, first, first)
      for tap in 0..<taps {
        let w = (weights + 4 &* (tap &* C &+ c)).ints()
        let x = pointers + tap
        s0 = costcurve_add_products(s0, costcurve_load_bytes(x[0] + c), w)
        s1 = costcurve_add_products(s1, costcurve_load_bytes(x[taps] + c), w)
        s2 = costcurve_add_products(s2, costcurve_load_bytes(x[2 &* taps] + c), w)
        s3 = costcurve_add_products(s3, costcurve_load_bytes(x[3 &* taps] + c), w)
      }
      store(s0, operands, pixel, c)
      if count > 1 { store(s1, operands, pixel + 1, c) }
      if count > 2 { store(s2, operands, pixel + 2, c) }
      if count > 3 { store(s3, operands, pixel + 3, c) }
      c += lanes
    }
    while c < C {
      for i in 0..<count {
        var sum = start.bytes.load(fromByteOffset: 4 * c, as: Int32.self)
        for tap in 0..<taps {
          let weight = weights.load(fromByteOffset: 4 * (tap * C + c), as: Int32.self)
          sum &+= Int32(pointers[i * taps + tap][c]) &* weight
        }
        let at = (pixel + i) * (operands.pitch ?? C) + c
        epilogue.store(
          sum, factor: factors.pointer[c], residual: operands.residual?[at] ?? 0,
          to: operands.output, at: at)
      }
      c += 1
    }
  }

  /// Stores what becomes of one vector of one pixel.
  @inline(__always)
  private func store(_ sums: IntVector, _ operands: Int8Operands, _ pixel: Int, _ c: Int) {
    ending.store(
      sums, factors: UnsafeRawPointer(factors.pointer + c), residual: operands.residual,
      to: operands.output, at: pixel &* (operands.pitch ?? shape.C) &+ c)
  }
}

/// Convolution in which every channel has one filter of its own (`groups = C = K`), as in MobileNet.
///
/// Vector lanes run over channels. Four neighbouring output pixels of two vectors each share the
/// taps of their filters, so that a multiply-add reads one vector, of the input; windows that reach
/// into the padding are done pixel by pixel, over the taps that lie inside.
///
/// Source of the layer: Howard and others, "MobileNets", 2017, §3.1. Error: sums of `R · S` fused
/// products in float32.
final class ConvDepthwise: CompiledConvolution {
  let shape: ConvShape
  let workspaceCount = 0

  private let epilogue: Epilogue
  /// `R S C`.
  private let filters: AlignedBuffer
  private let bias: AlignedBuffer
  /// Output columns whose windows lie inside the image's width.
  private let inner: Range<Int>

  /// Output pixels of a strip, and vectors of channels.
  private static let strip = (pixels: 4, vectors: 2)

  init(_ shape: ConvShape, epilogue: Epilogue) {
    (self.shape, self.epilogue) = (shape, epilogue)
    filters = AlignedBuffer(count: shape.filterCount)
    bias = AlignedBuffer(count: shape.K)
    let isInside = (0..<shape.Q).map {
      shape.column($0, 0) >= 0 && shape.column($0, shape.S - 1) < shape.W
    }
    let first = isInside.firstIndex(of: true) ?? 0
    inner = first..<(isInside.lastIndex(of: true).map { $0 + 1 } ?? first)
  }

  func load(filters source: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    let taps = shape.R * shape.S
    for tap in 0..<taps {
      for c in 0..<shape.C { filters.pointer[tap * shape.C + c] = source[c * taps + tap] }
    }
    for k in 0..<shape.K { self.bias.pointer[k] = bias?[k] ?? 0 }
  }

  func run(_ operands: ConvOperands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    switch epilogue.activation {
    case nil: run(operands, pool, IdentityLanes())
    case .relu?: run(operands, pool, ReLULanes())
    case .clip(let least, let most)?: run(operands, pool, ClipLanes(least: least, most: most))
    case .swish(let scale)?: run(operands, pool, SwishLanes(scale: scale))
    case .hardSwish?: run(operands, pool, HardSigmoidLanes.hardSwish)
    case let function?: run(operands, pool, IdentityLanes(), then: function)
    }
  }

  /// Computes all rows of output pixels.
  ///
  /// - Parameters:
  ///   - operands: The memory.
  ///   - pool: Runs the work.
  ///   - activation: Done to sums in registers: compiled into the loops, so for usual ones only.
  ///   - function: Done to each row of pixels once it is stored: what is not compiled in.
  private func run(
    _ operands: ConvOperands, _ pool: ThreadPool, _ activation: some LaneFunction,
    then function: PointwiseFunction? = nil
  ) {
    let (shape, lanes) = (shape, VectorUnit.lanes)
    pool.forEachShare(of: shape.N * shape.P) { lines in
      for index in lines {
        let line = DepthwiseLine(
          index, shape, operands, addsResidual: epilogue.addsResidual)
        var c = 0
        while c + Self.strip.vectors * lanes <= shape.C {
          var q = 0
          while q < shape.Q {
            if q >= inner.lowerBound, q + Self.strip.pixels <= inner.upperBound {
              strip(line, c, q, activation)
              q += Self.strip.pixels
            } else {
              for vector in 0..<Self.strip.vectors {
                pixel(line, c + vector * lanes, q, AllLanes(), activation)
              }
              q += 1
            }
          }
          c += Self.strip.vectors * lanes
        }
        while c < shape.C {
          for q in 0..<shape.Q {
            if c + lanes <= shape.C {
              pixel(line, c, q, AllLanes(), activation)
            } else {
              pixel(line, c, q, FirstLanes(count: shape.C - c), activation)
            }
          }
          c += lanes
        }
        if let function {
          Elementwise.apply(
            function, rows: shape.Q, columns: shape.C, input: line.output, output: line.output,
            stride: line.pitch)
        }
      }
    }
  }

  /// Four pixels of two vectors whose windows lie inside the image's width.
  @inline(__always)
  private func strip(_ line: DepthwiseLine, _ c: Int, _ q: Int, _ activation: some LaneFunction) {
    let (C, S, lanes) = (shape.C, shape.S, VectorUnit.lanes)
    let (pixel, tap) = (shape.strides.horizontal &* C, shape.dilations.horizontal &* C)
    let row = shape.dilations.vertical &* shape.W &* C
    let (low, high) = (Vector.load(bias.pointer + c), Vector.load(bias.pointer + (c &+ lanes)))
    var (a0, a1, a2, a3) = (low, low, low, low)
    var (b0, b1, b2, b3) = (high, high, high, high)
    let corner = line.input + (shape.column(q, 0) &* C &+ c)
    for r in line.rows {
      var x = corner + r &* row
      var taps = UnsafePointer(filters.pointer) + (r &* S &* C &+ c)
      for _ in 0..<S {
        let (f, g) = (Vector.load(taps), Vector.load(taps + lanes))
        a0.addProduct(Vector.load(x), f)
        b0.addProduct(Vector.load(x + lanes), g)
        a1.addProduct(Vector.load(x + pixel), f)
        b1.addProduct(Vector.load(x + (pixel &+ lanes)), g)
        a2.addProduct(Vector.load(x + 2 &* pixel), f)
        b2.addProduct(Vector.load(x + (2 &* pixel &+ lanes)), g)
        a3.addProduct(Vector.load(x + 3 &* pixel), f)
        b3.addProduct(Vector.load(x + (3 &* pixel &+ lanes)), g)
        x += tap
        taps += C
      }
    }
    finish(a0, b0, line, c, q, activation)
    finish(a1, b1, line, c, q &+ 1, activation)
    finish(a2, b2, line, c, q &+ 2, activation)
    finish(a3, b3, line, c, q &+ 3, activation)
  }

  /// One vector of one pixel.
  @inline(__always)
  private func pixel(
    _ line: DepthwiseLine, _ c: Int, _ q: Int, _ lanes: some LaneSelection,
    _ activation: some LaneFunction
  ) {
    let C = shape.C
    let first = shape.column(q, 0)
    let columns = DepthwiseLine.taps(
      from: first, step: shape.dilations.horizontal, count: shape.S, limit: shape.W)
    var sum = lanes.load(bias.pointer + c)
    for r in line.rows {
      for s in columns {
        let w = first &+ s &* shape.dilations.horizontal
        let at = (r &* shape.dilations.vertical &* shape.W &+ w) &* C &+ c
        sum.addProduct(
          lanes.load(line.input + at), lanes.load(filters.pointer + ((r &* shape.S &+ s) &* C &+ c))
        )
      }
    }
    finish(sum, line, c, q, lanes, activation)
  }

  @inline(__always)
  private func finish(
    _ low: Vector, _ high: Vector, _ line: DepthwiseLine, _ c: Int, _ q: Int,
    _ activation: some LaneFunction
  ) {
    finish(low, line, c, q, AllLanes(), activation)
    finish(high, line, c &+ VectorUnit.lanes, q, AllLanes(), activation)
  }

  @inline(__always)
  private func finish(
    _ sum: Vector, _ line: DepthwiseLine, _ c: Int, _ q: Int, _ lanes: some LaneSelection,
    _ activation: some LaneFunction
  ) {
    let at = q &* line.pitch &+ c
    var value = sum
    if let residual = line.residual { value += lanes.load(residual + at) }
    lanes.store(activation(value), line.output + at)
  }
}

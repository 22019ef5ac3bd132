/// Backward-data on the register tile: the transposed convolution, without wasted zeros.
///
/// With stride 1 it is a convolution of the output's gradient with the flipped filters. With
/// stride `s` the input positions fall into `s²` phases, each reached by its own taps only; each
/// phase is a convolution of stride 1 with those taps, and together they do the multiplications
/// of the forward pass and no more.
final class DirectBackwardData: CompiledBackwardData {
  let shape: ConvShape
  var executedFLOPs: FLOPs {
    phases.reduce(FLOPs(0)) { $0 + MACs($1.rows(shape) * $1.depth(shape) * shape.C).flops }
  }

  let workspaceCount: Int

  private let phases: [Phase]
  /// Floats of one phase's result, where it cannot be written in place.
  private let outputSpace: Int
  private let zeros: AlignedBuffer

  init(_ shape: ConvShape, threads: Int, caches: CacheSizes = .current) {
    self.shape = shape
    zeros = AlignedBuffer(count: shape.K)
    let phases = (0..<(shape.stride * shape.stride)).map { index in
      Phase(
        shape,
        Axis(shape.H, shape.R, index / shape.stride, shape.stride, shape.paddings.vertical),
        Axis(shape.W, shape.S, index % shape.stride, shape.stride, shape.paddings.horizontal),
        threads: threads, caches: caches)
    }
    let largest = phases.map { $0.outputCount(shape) }.max() ?? 0
    outputSpace = shape.stride == 1 ? 0 : (largest + 15) / 16 * 16
    workspaceCount = outputSpace + (phases.map(\.scratchCount).max() ?? 0)
    self.phases = phases
  }

  /// One direction of a phase: every `stride`-th input coordinate from `first` on.
  private struct Axis {
    /// The first input coordinate.
    let first: Int
    /// Input coordinates of the phase.
    let count: Int
    /// The first tap that reaches them; the others follow at the stride.
    let tap: Int
    /// Taps that reach them.
    let taps: Int
    /// Zeros before the output's gradient for the phase's convolution; negative to skip some.
    let padding: Int

    init(_ size: Int, _ window: Int, _ first: Int, _ stride: Int, _ padding: Int) {
      self.first = first
      count = max(0, (size - first + stride - 1) / stride)
      tap = (first + padding) % stride
      taps = tap < window ? (window - 1 - tap) / stride + 1 : 0
      self.padding = taps - 1 - (first + padding - tap) / stride
    }
  }

  /// One phase's convolution.
  private struct Phase {
    let vertical: Axis
    let horizontal: Axis
    /// Nil where no tap reaches the phase, or it has no positions.
    let product: (panels: PanelProduct, grid: WorkGrid)?

    init(
      _ shape: ConvShape, _ vertical: Axis, _ horizontal: Axis, threads: Int, caches: CacheSizes
    ) {
      (self.vertical, self.horizontal) = (vertical, horizontal)
      let (windows, pixels) = (
        vertical.taps * horizontal.taps, shape.N * vertical.count * horizontal.count
      )
      guard windows > 0, pixels > 0 else {
        product = nil
        return
      }
      let panels = PanelProduct(
        windows: windows, channels: shape.K, columns: shape.C,
        epilogue: Epilogue(addsResidual: true), caches: caches)
      let grid = WorkGrid(
        rows: pixels, panels: panels.packed.panels, depth: windows * shape.K, taps: windows,
        threads: threads)
      product = (panels, grid)
    }

    /// Input positions of all images.
    func rows(_ shape: ConvShape) -> Int { shape.N * vertical.count * horizontal.count }
    /// Products in each sum.
    func depth(_ shape: ConvShape) -> Int { vertical.taps * horizontal.taps * shape.K }
    /// Floats that the phase computes.
    func outputCount(_ shape: ConvShape) -> Int { rows(shape) * shape.C }
    /// Floats of scratch for all threads.
    var scratchCount: Int {
      product.map { $0.panels.scratchCount * $0.grid.rowShares * $0.grid.panelShares } ?? 0
    }
  }

  func run(_ operands: BackwardDataOperands, pool: ThreadPool) {
    for phase in phases {
      if let (panels, grid) = phase.product {
        panels.load(pool: pool) { flippedRow($0, of: operands.filters, phase) }
        let isInPlace = shape.stride == 1
        let target = isInPlace ? operands.inputGradient : operands.workspace
        panels.run(
          rows: phase.rows(shape), source: source(operands, phase), output: target,
          residual: isInPlace && operands.accumulates ? UnsafePointer(target) : nil,
          stride: shape.C, grid: grid,
          workspace: operands.workspace + outputSpace, pool: pool)
        if !isInPlace { spread(operands, phase, from: target, pool: pool) }
      } else if !operands.accumulates {
        spread(operands, phase, from: nil, pool: pool)
      }
    }
  }

  /// The row of the phase's flipped filters, `windows · K` rows of `C`, where it lies.
  private func flippedRow(
    _ row: Int, of filters: UnsafePointer<Float>, _ phase: Phase
  ) -> UnsafePointer<Float> {
    let (vertical, horizontal) = (phase.vertical, phase.horizontal)
    let (window, k) = (row / shape.K, row % shape.K)
    let (y, x) = (window / horizontal.taps, window % horizontal.taps)
    let r = vertical.tap + shape.stride * (vertical.taps - 1 - y)
    let s = horizontal.tap + shape.stride * (horizontal.taps - 1 - x)
    return filters + ((k * shape.R + r) * shape.S + s) * shape.C
  }

  private func source(_ operands: BackwardDataOperands, _ phase: Phase) -> RowSource {
    if shape.isPointwise {
      return RowSource(base: operands.outputGradient, layout: .plain(stride: shape.K))
    }
    return RowSource(
      base: operands.outputGradient,
      layout: .windows(
        RowSource.Windows(
          height: shape.P, width: shape.Q, pixel: shape.K, columns: phase.horizontal.taps,
          strides: 1, top: phase.vertical.padding, left: phase.horizontal.padding,
          outputRows: phase.vertical.count, outputColumns: phase.horizontal.count,
          image: shape.P * shape.Q * shape.K, zeros: zeros.pointer, areInside: false)))
  }

  /// Puts a phase's result, or zeros, where it belongs in the input's gradient.
  private func spread(
    _ operands: BackwardDataOperands, _ phase: Phase, from source: UnsafeMutablePointer<Float>?,
    pool: ThreadPool
  ) {
    let (shape, accumulates) = (shape, operands.accumulates)
    let (vertical, horizontal) = (phase.vertical, phase.horizontal)
    pool.forEachShare(of: shape.N * vertical.count) { lines in
      for line in lines {
        let (n, h) = (
          line / vertical.count, vertical.first + line % vertical.count * shape.stride
        )
        for i in 0..<horizontal.count {
          let w = horizontal.first + i * shape.stride
          let target = operands.inputGradient + ((n * shape.H + h) * shape.W + w) * shape.C
          guard let source else {
            target.update(repeating: 0, count: shape.C)
            continue
          }
          let values = source + (line * horizontal.count + i) * shape.C
          if accumulates {
            for c in 0..<shape.C { target[c] += values[c] }
          } else {
            target.update(from: values, count: shape.C)
          }
        }
      }
    }
  }
}

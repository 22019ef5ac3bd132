/// Backward-data on the register tile: the transposed convolution, without wasted zeros.
///
/// With stride 1 it is a convolution of the output's gradient with the flipped filters. With
/// stride `s` the input positions fall into `s²` phases, each reached by its own taps only; each
/// phase is a convolution of stride 1 with those taps, and together they do the multiplications
/// of the forward pass and no more.
final class DirectBackwardData: CompiledBackwardData {
  let shape: ConvShape
  var executedFLOPs: FLOPs {
    phases.reduce(FLOPs(0)) { $0 + $1.place.macs(shape).flops }
  }

  let workspaceCount: Int

  private let phases: [Phase]
  /// Floats of one phase's result, where it cannot be written in place.
  private let outputSpace: Int
  private let zeros: AlignedBuffer

  init(_ shape: ConvShape, threads: Int, caches: CacheSizes = .current) {
    self.shape = shape
    zeros = AlignedBuffer(count: shape.K)
    let phases = StridePhase.all(of: shape).map { place in
      Phase(shape, place, threads: threads, caches: caches)
    }
    let largest = phases.map { $0.place.rows(shape) * shape.C }.max() ?? 0
    outputSpace = shape.stride == 1 ? 0 : (largest + 15) / 16 * 16
    workspaceCount = outputSpace + (phases.map(\.scratchCount).max() ?? 0)
    self.phases = phases
  }

  /// One phase's convolution.
  private struct Phase {
    let place: StridePhase
    /// Nil where no tap reaches the phase, or it has no positions.
    let product: (panels: PanelProduct, grid: WorkGrid)?

    init(_ shape: ConvShape, _ place: StridePhase, threads: Int, caches: CacheSizes) {
      self.place = place
      let (windows, pixels) = (place.windows, place.rows(shape))
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

    /// Floats of scratch for all threads.
    var scratchCount: Int {
      product.map { $0.panels.scratchCount * $0.grid.rowShares * $0.grid.panelShares } ?? 0
    }
  }

  func run(_ operands: BackwardDataOperands, pool: ThreadPool) {
    for phase in phases {
      if let (panels, grid) = phase.product {
        panels.load(pool: pool) { flippedRow($0, of: operands.filters, phase.place) }
        let isInPlace = shape.stride == 1
        let target = isInPlace ? operands.inputGradient : operands.workspace
        panels.run(
          rows: phase.place.rows(shape), source: source(operands, phase.place), output: target,
          residual: isInPlace && operands.accumulates ? UnsafePointer(target) : nil,
          stride: shape.C, grid: grid,
          workspace: operands.workspace + outputSpace, pool: pool)
        if !isInPlace { spread(operands, phase.place, from: target, pool: pool) }
      } else if !operands.accumulates {
        spread(operands, phase.place, from: nil, pool: pool)
      }
    }
  }

  /// The row of the phase's flipped filters, `windows · K` rows of `C`, where it lies.
  private func flippedRow(
    _ row: Int, of filters: UnsafePointer<Float>, _ phase: StridePhase
  ) -> UnsafePointer<Float> {
    let (window, k) = (row / shape.K, row % shape.K)
    let (r, s) = phase.tap(window, stride: shape.stride)
    return filters + ((k * shape.R + r) * shape.S + s) * shape.C
  }

  private func source(_ operands: BackwardDataOperands, _ phase: StridePhase) -> RowSource {
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
    _ operands: BackwardDataOperands, _ phase: StridePhase,
    from source: UnsafeMutablePointer<Float>?, pool: ThreadPool
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

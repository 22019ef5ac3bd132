import CShims
import Tensors

/// Backward-data in bfloat16 on the register tile: as `DirectBackwardData`, in words of two filters.
///
/// Each phase of the stride is a convolution of the output's gradient with its flipped filters, which
/// are rounded and packed first. With stride 1 the tile writes, or adds, where the result belongs;
/// else each phase's result lies aside, in float32 where it is added to something, so that all is
/// rounded once. Where filters are an odd number, the output's gradient is first copied to whole words.
final class BFloat16DirectBackwardData: CompiledBFloat16BackwardData {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.tile
  let workspaceByteCount: Int

  private let output: DType
  private let accumulates: Bool
  private let phases: [Phase]
  /// Words of a pixel of the output's gradient.
  private let words: Int
  /// Bytes of the copied gradient; 0 where it is read in place.
  private let copyByteCount: Int
  /// Bytes of one phase's result; 0 where it is written in place.
  private let resultByteCount: Int
  private let zeros: AlignedBuffer

  init(
    _ shape: ConvShape, output: DType, accumulates: Bool, threads: Int,
    caches: CacheSizes = .current
  ) {
    (self.shape, self.output, self.accumulates) = (shape, output, accumulates)
    let words = (shape.K + 1) / 2
    let isInPlace = shape.stride == 1
    let epilogue = BFloat16Epilogue(
      residual: isInPlace && accumulates ? output : nil,
      output: Self.stored(shape, output: output, accumulates: accumulates))
    let phases = StridePhase.all(of: shape).map { place in
      Phase(shape, place, words: words, epilogue: epilogue, threads: threads, caches: caches)
    }
    let aside = Self.aside(shape, output: output, accumulates: accumulates)
    (copyByteCount, resultByteCount) = aside
    workspaceByteCount =
      aside.copy + aside.result + (phases.map(\.scratchByteCount).max() ?? 0)
    (self.phases, self.words) = (phases, words)
    zeros = AlignedBuffer(byteCount: 4 * words)
  }

  /// The type of what the tile writes: float32 where that is added to something later.
  private static func stored(_ shape: ConvShape, output: DType, accumulates: Bool) -> DType {
    shape.stride == 1 || !accumulates ? output : .f32
  }

  /// Bytes of the copied gradient and of one phase's result, in whole lines; 0 for what stays in place.
  static func aside(
    _ shape: ConvShape, output: DType, accumulates: Bool
  ) -> (copy: Int, result: Int) {
    let copied = shape.K % 2 == 0 ? 0 : 2 * (shape.K + 1) * shape.N * shape.P * shape.Q
    let positions = StridePhase.all(of: shape).map { $0.rows(shape) }.max() ?? 0
    let width = stored(shape, output: output, accumulates: accumulates).byteCount
    let result = shape.stride == 1 ? 0 : positions * shape.C * width
    return ((copied + 63) / 64 * 64, (result + 63) / 64 * 64)
  }

  var executedFLOPs: FLOPs { phases.reduce(FLOPs(0)) { $0 + $1.place.macs(shape).flops } }

  /// One phase's convolution.
  private struct Phase {
    let place: StridePhase
    /// Nil where no tap reaches the phase, or it has no positions.
    let product: (words: WordProduct<BFloat16Dot>, grid: WorkGrid)?

    init(
      _ shape: ConvShape, _ place: StridePhase, words: Int, epilogue: BFloat16Epilogue,
      threads: Int, caches: CacheSizes
    ) {
      self.place = place
      let (windows, pixels) = (place.windows, place.rows(shape))
      guard windows > 0, pixels > 0 else {
        product = nil
        return
      }
      let panels = WordPanels(
        elements: BFloat16Dot.elements, columns: shape.C, taps: windows, channels: shape.K)
      let part = WordPart(
        group: 0, columns: shape.C, taps: windows, channels: shape.K, rowBytes: 4 * words)
      let grid = WorkGrid(
        rows: pixels, panels: panels.panels, depth: windows * words, taps: windows,
        threads: threads)
      product = (
        WordProduct<BFloat16Dot>(
          panels, part, start: { _ in 0 }, ending: BFloat16Ending(epilogue), caches: caches),
        grid
      )
    }

    /// Bytes of scratch for all threads.
    var scratchByteCount: Int {
      product.map { $0.words.scratchByteCount * $0.grid.rowShares * $0.grid.panelShares } ?? 0
    }
  }

  func run(_ operands: BFloat16BackwardDataOperands, pool: ThreadPool) {
    let isInPlace = shape.stride == 1
    let gradient = copied(operands, pool: pool)
    let result = operands.workspace + copyByteCount
    for phase in phases {
      let place = phase.place
      guard let (product, grid) = phase.product else {
        if !accumulates { spread(operands.inputGradient, place, from: nil, width: 0, pool: pool) }
        continue
      }
      product.panels.load(taps: place.windows, channels: shape.K, pool: pool) { window, k in
        let (r, s) = place.tap(window, stride: shape.stride)
        return operands.filters + ((k * shape.R + r) * shape.S + s) * shape.C
      }
      let target = isInPlace ? operands.inputGradient : result
      product.run(
        rows: place.rows(shape), source: source(gradient, place), output: target,
        residual: UnsafeRawPointer(target), stride: shape.C, grid: grid,
        workspace: result + resultByteCount, upcoming: nil, pool: pool)
      if !isInPlace {
        spread(
          operands.inputGradient, place, from: UnsafeRawPointer(result), width: product.width,
          pool: pool)
      }
    }
  }

  /// The output's gradient in whole words.
  private func copied(
    _ operands: BFloat16BackwardDataOperands, pool: ThreadPool
  ) -> UnsafeRawPointer {
    guard copyByteCount > 0 else { return UnsafeRawPointer(operands.outputGradient) }
    let (K, bytes) = (shape.K, 4 * words)
    pool.forEachShare(of: shape.N * shape.P * shape.Q, grain: 64) { pixels in
      for pixel in pixels {
        let target = operands.workspace + pixel * bytes
        target.copyMemory(from: operands.outputGradient + pixel * K, byteCount: 2 * K)
        target.storeBytes(of: 0, toByteOffset: 2 * K, as: UInt16.self)
      }
    }
    return UnsafeRawPointer(operands.workspace)
  }

  private func source(_ gradient: UnsafeRawPointer, _ phase: StridePhase) -> RowSource {
    let base = gradient.assumingMemoryBound(to: Float.self)
    if shape.isPointwise { return RowSource(base: base, layout: .plain(stride: words)) }
    return RowSource(
      base: base,
      layout: .windows(
        RowSource.Windows(
          height: shape.P, width: shape.Q, pixel: words, columns: phase.horizontal.taps,
          strides: 1, top: phase.vertical.padding, left: phase.horizontal.padding,
          outputRows: phase.vertical.count, outputColumns: phase.horizontal.count,
          image: shape.P * shape.Q * words, zeros: zeros.pointer, areInside: false)))
  }

  /// Puts a phase's result, or zeros, where it belongs in the input's gradient.
  ///
  /// - Parameters:
  ///   - target: `N H W C` of the output's type.
  ///   - phase: Which positions.
  ///   - source: What goes there, of the output's type, or float32 to be added; nil for zeros.
  ///   - width: Bytes of an element of it.
  ///   - pool: Runs the work.
  private func spread(
    _ target: UnsafeMutableRawPointer, _ phase: StridePhase, from source: UnsafeRawPointer?,
    width: Int, pool: ThreadPool
  ) {
    let (shape, own) = (shape, output.byteCount)
    let (vertical, horizontal) = (phase.vertical, phase.horizontal)
    pool.forEachShare(of: shape.N * vertical.count) { lines in
      for line in lines {
        let (n, h) = (
          line / vertical.count, vertical.first + line % vertical.count * shape.stride
        )
        for i in 0..<horizontal.count {
          let w = horizontal.first + i * shape.stride
          let pixel = target + ((n * shape.H + h) * shape.W + w) * shape.C * own
          guard let source else {
            pixel.initializeMemory(as: UInt8.self, repeating: 0, count: shape.C * own)
            continue
          }
          let values = source + (line * horizontal.count + i) * shape.C * width
          if accumulates {
            add(values.assumingMemoryBound(to: Float.self), to: pixel)
          } else {
            pixel.copyMemory(from: values, byteCount: shape.C * own)
          }
        }
      }
    }
  }

  /// Adds floats to a pixel of the output's type.
  private func add(_ values: UnsafePointer<Float>, to pixel: UnsafeMutableRawPointer) {
    if output == .f32 {
      let sums = pixel.assumingMemoryBound(to: Float.self)
      for c in 0..<shape.C { sums[c] += values[c] }
      return
    }
    let (C, lanes) = (shape.C, WordTileLimits.lanes)
    var c = 0
    while c + lanes <= C {
      let place = pixel + 2 * c
      costcurve_store_bfloats(
        place, costcurve_load_bfloats(place) + UnsafeRawPointer(values + c).floats())
      c += lanes
    }
    let sums = pixel.assumingMemoryBound(to: BFloat16.self)
    while c < C {
      sums[c] = BFloat16(sums[c].value + values[c])
      c += 1
    }
  }
}

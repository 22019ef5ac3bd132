/// Direct convolution of bfloat16 on the register tile; see `WordDirect`, of which a word is a pair.
final class BFloat16Direct: CompiledBFloat16Convolution {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.tile
  let epilogue: BFloat16Epilogue
  private let direct: WordDirect<BFloat16Dot>

  /// Packs the filters; without some, all are 0 until `load` is called.
  init(
    _ shape: ConvShape, filters: BFloat16Filters?, epilogue: BFloat16Epilogue, threads: Int,
    caches: CacheSizes = .current
  ) {
    (self.shape, self.epilogue) = (shape, epilogue)
    direct = WordDirect(shape, border: 0, threads: threads) { part in
      let elements = BFloat16Dot.elements
      let panels =
        filters.map { filters in
          WordPanels(
            UnsafeRawPointer(filters.weights + part.firstWeight), elements: elements,
            columns: part.columns, taps: part.taps, channels: part.channels)
        }
        ?? WordPanels(
          elements: elements, columns: part.columns, taps: part.taps, channels: part.channels)
      return WordProduct<BFloat16Dot>(
        panels, part,
        start: { column in filters?.bias?[part.firstColumn + column].bitPattern ?? 0 },
        ending: BFloat16Ending(epilogue), function: RoundedFunction(epilogue), caches: caches)
    }
  }

  var workspaceByteCount: Int { direct.workspaceByteCount }
  var filterMemory: UnsafeRawBufferPointer? { direct.filterMemory }

  func run(_ operands: BFloat16Operands, pool: ThreadPool) {
    direct.run(
      WordOperands(
        input: UnsafeRawPointer(operands.input), residual: operands.residual,
        output: operands.output, pitch: operands.pitch, workspace: operands.workspace,
        upcoming: operands.upcoming),
      pool: pool)
  }

  func load(weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    let (taps, channels) = (direct.depth.taps, direct.depth.channels)
    let columns = shape.K / shape.groups
    direct.forEachProduct { group, product in
      let first = group * columns
      product.panels.load(
        rounding: weights + first * taps * channels, taps: taps, channels: channels, pool: pool)
      product.setStart { column in bias?[first + column].bitPattern ?? 0 }
    }
  }
}

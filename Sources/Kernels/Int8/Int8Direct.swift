/// Direct convolution of bytes on the register tile; see `WordDirect`, of which a word is four bytes.
///
/// Positions in the padding are zero points, so that they add nothing. What the zero point adds
/// everywhere else is taken off the bias once, as it is the same for every window.
final class Int8Direct: CompiledInt8Convolution {
  let shape: ConvShape
  let algorithm: Int8Algorithm
  let epilogue: Int8Epilogue
  private let way: Way

  /// The products, by the instruction that adds them up.
  ///
  /// Both types are named here, and this class is not generic: what is called through a protocol is
  /// compiled for no type in particular otherwise.
  private enum Way {
    case exact(WordDirect<ExactDot>)
    case pairs(WordDirect<PairDot>)
  }

  init(
    _ shape: ConvShape, input: Quantization, filters: Int8Filters, epilogue: Int8Epilogue,
    algorithm: Int8Algorithm, threads: Int, caches: CacheSizes = .current
  ) {
    (self.shape, self.algorithm, self.epilogue) = (shape, algorithm, epilogue)
    if algorithm == .pairs {
      way = .pairs(Self.direct(shape, input, filters, epilogue, threads, caches))
    } else {
      way = .exact(Self.direct(shape, input, filters, epilogue, threads, caches))
    }
  }

  /// Packs the filters of all groups.
  private static func direct<Dot: ByteDot>(
    _ shape: ConvShape, _ input: Quantization, _ filters: Int8Filters, _ epilogue: Int8Epilogue,
    _ threads: Int, _ caches: CacheSizes
  ) -> WordDirect<Dot> {
    WordDirect(shape, border: input.zeroPoint, threads: threads) { part in
      let (weights, first) = (filters.weights + part.firstWeight, part.firstColumn)
      let depth = part.taps * part.channels
      let factors = (0..<part.columns).map { column in
        epilogue.factor(input: input, filter: filters.scales[first + column])
      }
      let panels =
        Dot.panelVectors == 2
        ? WordPanels(
          splitting: weights, columns: part.columns, taps: part.taps, channels: part.channels)
        : WordPanels(
          UnsafeRawPointer(weights), elements: Dot.elements, columns: part.columns,
          taps: part.taps, channels: part.channels)
      return WordProduct<Dot>(
        panels, part,
        start: { column in
          let sum = (0..<depth).reduce(Int32(0)) { $0 &+ Int32(weights[column * depth + $1]) }
          let bias = filters.bias?[first + column] ?? 0
          return UInt32(bitPattern: bias &- Int32(input.zeroPoint) &* sum)
        },
        factors: factors, ending: Int8Ending(epilogue, largestFactor: factors.max() ?? 0),
        caches: caches)
    }
  }

  var workspaceByteCount: Int {
    switch way {
    case .exact(let direct): direct.workspaceByteCount
    case .pairs(let direct): direct.workspaceByteCount
    }
  }

  var filterMemory: UnsafeRawBufferPointer? {
    switch way {
    case .exact(let direct): direct.filterMemory
    case .pairs(let direct): direct.filterMemory
    }
  }

  func run(_ operands: Int8Operands, pool: ThreadPool) {
    let operands = WordOperands(
      input: UnsafeRawPointer(operands.input),
      residual: operands.residual.map { UnsafeRawPointer($0) }, output: operands.output,
      pitch: operands.pitch, workspace: operands.workspace, upcoming: operands.upcoming)
    switch way {
    case .exact(let direct): direct.run(operands, pool: pool)
    case .pairs(let direct): direct.run(operands, pool: pool)
    }
  }
}

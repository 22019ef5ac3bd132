/// Direct convolution of bytes on the register tile: any window, stride, padding, dilation and
/// groups.
///
/// It is `ConvDirect` in words of four channels: the tile reads windows in place through pointers,
/// and positions in the padding point to a row of zero points, so that they add nothing. What the
/// zero point adds everywhere else is taken off the bias once, as it is the same for every window.
///
/// Where channels do not fill words, and where there are so few that pointers would cost more than
/// products, the input is first copied into a frame of zero points in which each pixel has whole
/// words and a whole row of the window is contiguous.
final class Int8Direct: CompiledInt8Convolution {
  let shape: ConvShape
  let algorithm: Int8Algorithm
  let epilogue: Int8Epilogue

  /// One for each group of channels.
  private let products: [Int8Product]
  private let grid: WorkGrid
  private let zeroPoint: UInt8
  private let zeros: AlignedBuffer
  /// Words of a pixel of one group.
  private let words: Int
  /// Whether the input is copied into a frame.
  private let isFramed: Bool
  /// Whether a row of the window is one segment.
  private let isMerged: Bool

  /// Channels below which the input is copied where windows have more than one column.
  private static let fewChannels = 16

  init(
    _ shape: ConvShape, input: Quantization, filters: Int8Filters, epilogue: Int8Epilogue,
    algorithm: Int8Algorithm, threads: Int, caches: CacheSizes = .current
  ) {
    (self.shape, self.algorithm, self.epilogue) = (shape, algorithm, epilogue)
    let (channels, columns) = (shape.C / shape.groups, shape.K / shape.groups)
    let taps = shape.R * shape.S
    let words = (channels + 3) / 4
    let canMerge = shape.groups == 1 && shape.dilations.horizontal == 1
    let isFramed =
      channels % 4 != 0 || (canMerge && shape.S > 1 && channels < Self.fewChannels)
    isMerged = isFramed && canMerge
    let segments = isMerged ? shape.R : taps
    let pixels = shape.P * shape.Q
    let rowBytes = shape.isPointwise ? shape.C : shape.H * shape.W * shape.C / pixels
    products = (0..<shape.groups).map { group in
      let first = group * columns
      return Int8Product(
        Int8Filters(
          weights: filters.weights + first * taps * channels, scales: filters.scales + first,
          bias: filters.bias.map { $0 + first }),
        columns: columns, taps: taps, channels: channels, segments: segments, input: input,
        epilogue: epilogue, rowBytes: rowBytes, usesPairs: algorithm == .pairs, caches: caches)
    }
    grid = WorkGrid(
      rows: shape.N * pixels, panels: products[0].panels.panels, depth: taps * words,
      taps: taps, threads: threads)
    zeroPoint = input.zeroPoint
    (self.words, self.isFramed) = (words, isFramed)
    zeros = AlignedBuffer(byteCount: 4 * words)
    zeros.bytes.initializeMemory(as: UInt8.self, repeating: input.zeroPoint, count: 4 * words)
  }

  /// Rows and columns of the frame that holds an image and its padding.
  private var frame: (height: Int, width: Int) {
    (shape.H + 2 * shape.paddings.vertical, shape.W + 2 * shape.paddings.horizontal)
  }

  /// Words of a pixel as the tile sees it.
  private var pixelWords: Int { isFramed ? shape.groups * words : shape.C / 4 }

  private var frameByteCount: Int {
    guard isFramed else { return 0 }
    return (shape.N * frame.height * frame.width * pixelWords * 4 + 63) / 64 * 64
  }

  var workspaceByteCount: Int {
    frameByteCount + products[0].scratchByteCount * grid.rowShares * grid.panelShares
  }

  var filterMemory: UnsafeRawBufferPointer? {
    products.count == 1 ? products[0].panels.memory : nil
  }

  func run(_ operands: Int8Operands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    if isFramed { copyIntoFrame(operands, pool: pool) }
    var source = source(operands)
    let columns = shape.K / shape.groups
    for group in products.indices {
      let first = group * columns
      products[group].run(
        rows: shape.N * shape.P * shape.Q, source: source,
        output: operands.output + first * epilogue.output.byteCount,
        residual: operands.residual.map { $0 + first }, stride: operands.pitch ?? shape.K,
        grid: grid, workspace: operands.workspace + frameByteCount,
        upcoming: products.count == 1 ? operands.upcoming : nil, pool: pool)
      source.base += words
    }
  }

  private func source(_ operands: Int8Operands) -> RowSource {
    let place = isFramed ? UnsafeRawPointer(operands.workspace) : UnsafeRawPointer(operands.input)
    let base = place.assumingMemoryBound(to: Float.self)
    if shape.isPointwise { return RowSource(base: base, layout: .plain(stride: pixelWords)) }
    let (height, width) = isFramed ? frame : (shape.H, shape.W)
    return RowSource(
      base: base,
      layout: .windows(
        RowSource.Windows(
          height: height, width: width, pixel: pixelWords, columns: isMerged ? 1 : shape.S,
          strides: shape.strides, dilations: shape.dilations,
          top: isFramed ? 0 : shape.paddings.vertical,
          left: isFramed ? 0 : shape.paddings.horizontal, outputRows: shape.P,
          outputColumns: shape.Q, image: height * width * pixelWords, zeros: zeros.pointer,
          areInside: isFramed || shape.paddings == 0)))
  }

  /// Copies images into frames whose borders are zero points; what lies between channels and whole
  /// words is anything, as its weights are 0.
  private func copyIntoFrame(_ operands: Int8Operands, pool: ThreadPool) {
    let (height, width) = frame
    let channels = shape.C / shape.groups
    let pixel = 4 * pixelWords
    // Pixels of a line that four bytes can be read of: the last of these are the next pixel's.
    let (row, C) = (shape.W * shape.C, shape.C)
    let wide = pixel == 4 && row >= 4 ? (row - 4) / C + 1 : 0
    let frames = operands.workspace.assumingMemoryBound(to: UInt8.self)
    pool.forEachShare(of: shape.N * height, grain: 16) { lines in
      for line in lines {
        let target = frames + line * width * pixel
        target.update(repeating: zeroPoint, count: width * pixel)
        let (image, h) = (line / height, line % height - shape.paddings.vertical)
        guard h >= 0, h < shape.H else { continue }
        var place = target + shape.paddings.horizontal * pixel
        var source = operands.input + (image * shape.H + h) * row
        for _ in 0..<wide {
          let word = UnsafeRawPointer(source).loadUnaligned(as: UInt32.self)
          UnsafeMutableRawPointer(place).storeBytes(of: word, as: UInt32.self)
          place += pixel
          source += C
        }
        for _ in wide..<shape.W {
          for group in 0..<shape.groups {
            (place + group * words * 4).update(from: source + group * channels, count: channels)
          }
          place += pixel
          source += C
        }
      }
    }
  }
}

/// The filters of one group of channels, and how the rows of the input lie for them.
struct WordPart {
  /// Which group.
  var group: Int
  /// Filters of the group.
  var columns: Int
  /// Window positions.
  var taps: Int
  /// Channels at each of them.
  var channels: Int
  /// Pieces that rows of the input consist of: `taps`, or fewer that hold several positions.
  var segments: Int
  /// Bytes of the input that a row adds to those of the row before.
  var rowBytes: Int

  /// The first of the group's filters.
  var firstColumn: Int { group * columns }
  /// The first of the group's weights.
  var firstWeight: Int { firstColumn * taps * channels }
}

/// One convolution's memory for one call, whatever its elements.
struct WordOperands {
  /// `N H W C`.
  var input: UnsafeRawPointer
  /// `N P Q K`, where the ending adds a residual.
  var residual: UnsafeRawPointer?
  /// `N P Q K`.
  var output: UnsafeMutableRawPointer
  /// Elements from a pixel of output and residual to the next; nil for `K`.
  var pitch: Int?
  /// At least `workspaceByteCount` bytes.
  var workspace: UnsafeMutableRawPointer
  /// What is read after this call, if that is known.
  var upcoming: UnsafeRawBufferPointer?
}

/// Direct convolution of narrow elements on the register tile: any window, stride, padding, dilation
/// and groups.
///
/// It is `ConvDirect` in words of a few channels: the tile reads windows in place through pointers,
/// and positions in the padding point to a row of what the border holds.
///
/// Where channels do not fill words, and where there are so few that pointers would cost more than
/// products, the input is first copied into a frame of that, in which each pixel has whole words and
/// a whole row of the window is contiguous.
final class WordDirect<Kernel: WordKernel>: Sendable {
  let shape: ConvShape

  /// One for each group of channels.
  private let products: [WordProduct<Kernel>]
  private let grid: WorkGrid
  /// What every byte of the border is.
  private let border: UInt8
  private let borders: AlignedBuffer
  /// Words of a pixel of one group.
  private let words: Int
  /// Whether the input is copied into a frame.
  private let isFramed: Bool
  /// Whether a row of the window is one segment.
  private let isMerged: Bool

  /// Makes the products of all groups.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - border: What every byte of the border is.
  ///   - threads: Threads of the pool that it will run on.
  ///   - product: Packs the filters of a group.
  init(
    _ shape: ConvShape, border: UInt8, threads: Int, product: (WordPart) -> WordProduct<Kernel>
  ) {
    (self.shape, self.border) = (shape, border)
    let elements = Kernel.elements
    let channels = shape.C / shape.groups
    let taps = shape.R * shape.S
    let words = (channels + elements - 1) / elements
    let canMerge = Self.canMerge(shape)
    let isFramed = Self.isFramed(shape)
    let isMerged = isFramed && canMerge
    let (pixels, size) = (shape.P * shape.Q, 4 / elements)
    let part = WordPart(
      group: 0, columns: shape.K / shape.groups, taps: taps, channels: channels,
      segments: isMerged ? shape.R : taps,
      rowBytes: size * (shape.isPointwise ? shape.C : shape.H * shape.W * shape.C / pixels))
    let products = (0..<shape.groups).map { group in
      var own = part
      own.group = group
      return product(own)
    }
    grid = WorkGrid(
      rows: shape.N * pixels, panels: products[0].panels.panels, depth: taps * words,
      taps: taps, threads: threads)
    (self.products, self.words) = (products, words)
    (self.isFramed, self.isMerged) = (isFramed, isMerged)
    borders = AlignedBuffer(byteCount: 4 * words)
    borders.bytes.initializeMemory(as: UInt8.self, repeating: border, count: 4 * words)
  }

  /// Whether a row of the window can be one segment of a frame.
  private static func canMerge(_ shape: ConvShape) -> Bool {
    shape.groups == 1 && shape.dilations.horizontal == 1
  }

  /// Whether the input of a shape is copied into a frame.
  private static func isFramed(_ shape: ConvShape) -> Bool {
    let channels = shape.C / shape.groups
    return channels % Kernel.elements != 0
      || (canMerge(shape) && shape.S > 1 && channels < WordTileLimits.fewChannels)
  }

  /// Rows and columns of the frame that holds an image and its padding.
  private static func frame(_ shape: ConvShape) -> (height: Int, width: Int) {
    (shape.H + 2 * shape.paddings.vertical, shape.W + 2 * shape.paddings.horizontal)
  }

  /// Bytes of the frames of all images of a shape; 0 where they are read in place.
  static func frameByteCount(_ shape: ConvShape) -> Int {
    guard isFramed(shape) else { return 0 }
    let words = (shape.C / shape.groups + Kernel.elements - 1) / Kernel.elements
    let (height, width) = frame(shape)
    return (4 * shape.N * height * width * shape.groups * words + 63) / 64 * 64
  }

  /// Words of a pixel as the tile sees it.
  private var pixelWords: Int { isFramed ? shape.groups * words : shape.C / Kernel.elements }

  /// Bytes of workspace that `run` needs.
  var workspaceByteCount: Int {
    Self.frameByteCount(shape) + products[0].scratchByteCount * grid.rowShares * grid.panelShares
  }

  /// The filters as `run` reads them, where they lie in one piece.
  var filterMemory: UnsafeRawBufferPointer? {
    products.count == 1 ? products[0].panels.memory : nil
  }

  /// Calls `body` with the product of each group of channels, the first group's first.
  func forEachProduct(_ body: (_ group: Int, _ product: WordProduct<Kernel>) -> Void) {
    for (group, product) in products.enumerated() { body(group, product) }
  }

  /// Computes the output on as many threads as it was compiled for.
  func run(_ operands: WordOperands, pool: ThreadPool) {
    precondition(
      products[0].residualWidth == 0 || operands.residual != nil, "the residual is missing")
    if isFramed { copyIntoFrame(operands, pool: pool) }
    var source = source(operands)
    let columns = shape.K / shape.groups
    for (group, product) in products.enumerated() {
      let first = group * columns
      product.run(
        rows: shape.N * shape.P * shape.Q, source: source,
        output: operands.output + first * product.width,
        residual: operands.residual.map { $0 + first * product.residualWidth },
        stride: operands.pitch ?? shape.K, grid: grid,
        workspace: operands.workspace + Self.frameByteCount(shape),
        upcoming: products.count == 1 ? operands.upcoming : nil, pool: pool)
      source.base += words
    }
  }

  private func source(_ operands: WordOperands) -> RowSource {
    let place = isFramed ? UnsafeRawPointer(operands.workspace) : operands.input
    let base = place.assumingMemoryBound(to: Float.self)
    if shape.isPointwise { return RowSource(base: base, layout: .plain(stride: pixelWords)) }
    let (height, width) = isFramed ? Self.frame(shape) : (shape.H, shape.W)
    return RowSource(
      base: base,
      layout: .windows(
        RowSource.Windows(
          height: height, width: width, pixel: pixelWords, columns: isMerged ? 1 : shape.S,
          strides: shape.strides, dilations: shape.dilations,
          top: isFramed ? 0 : shape.paddings.vertical,
          left: isFramed ? 0 : shape.paddings.horizontal, outputRows: shape.P,
          outputColumns: shape.Q, image: height * width * pixelWords, zeros: borders.pointer,
          areInside: isFramed || shape.paddings == 0)))
  }

  /// Copies images into frames whose borders are what the padding holds; what lies between channels
  /// and whole words is a border or zeros, and its weights are 0.
  private func copyIntoFrame(_ operands: WordOperands, pool: ThreadPool) {
    let (height, width) = Self.frame(shape)
    let size = 4 / Kernel.elements
    // Bytes of a pixel of one group, of one of all, and of a line.
    let channels = shape.C / shape.groups * size
    let (own, pixel, row) = (shape.C * size, 4 * pixelWords, shape.W * shape.C * size)
    // Pixels of a line of which eight bytes can be read at once: the last of these are not its own.
    let isSmall = shape.groups == 1 && pixel <= 8 && row >= 8
    let quick = isSmall ? (row - 8) / own + 1 : 0
    let mask = UInt64.max >> UInt64(8 * max(0, 8 - own))
    let frames = operands.workspace.assumingMemoryBound(to: UInt8.self)
    pool.forEachShare(of: shape.N * height, grain: 16) { lines in
      for line in lines {
        let target = frames + line * width * pixel
        target.update(repeating: border, count: width * pixel)
        let (image, h) = (line / height, line % height - shape.paddings.vertical)
        guard h >= 0, h < shape.H else { continue }
        var place = UnsafeMutableRawPointer(target + shape.paddings.horizontal * pixel)
        var source = operands.input + (image * shape.H + h) * row
        for _ in 0..<quick {
          let bytes = source.loadUnaligned(as: UInt64.self) & mask
          if pixel == 4 {
            place.storeBytes(of: UInt32(truncatingIfNeeded: bytes), as: UInt32.self)
          } else {
            place.storeBytes(of: bytes, as: UInt64.self)
          }
          place += pixel
          source += own
        }
        for _ in quick..<shape.W {
          for group in 0..<shape.groups {
            (place + group * words * 4).copyMemory(
              from: source + group * channels, byteCount: channels)
          }
          place += pixel
          source += own
        }
      }
    }
  }
}

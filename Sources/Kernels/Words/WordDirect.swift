/// The filters of one group of channels, and how the rows of the input lie for them.
struct WordPart {
  /// Which group.
  var group: Int
  /// Filters of the group.
  var columns: Int
  /// Pieces that begin with a word of their own: window positions, or 1 where windows are lowered.
  var taps: Int
  /// Elements of each: channels, or all that a window has.
  var channels: Int
  /// Bytes of the input that a row adds to those of the row before; its own where it is lowered.
  var rowBytes: Int
  /// What copies the rows; nil where they are read in place.
  var im2col: WordIm2col?

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
/// products (`WordDepth`), each thread first lowers the windows of a block of output pixels, in which
/// nothing but the end of the last word is filled up.
final class WordDirect<Kernel: WordKernel>: Sendable {
  let shape: ConvShape
  /// How filters and windows are cut into words.
  let depth: WordDepth

  /// One for each group of channels.
  private let products: [WordProduct<Kernel>]
  private let grid: WorkGrid
  /// A piece of the depth in the padding.
  private let borders: AlignedBuffer

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
    let elements = Kernel.elements
    let depth = WordDepth(shape, elements: elements)
    let (pixels, size) = (shape.P * shape.Q, 4 / elements)
    let rowBytes = size * (shape.isPointwise ? shape.C : shape.H * shape.W * shape.C / pixels)
    let products = (0..<shape.groups).map { group in
      let im2col =
        depth.isLowered
        ? WordIm2col(shape, group: group, elements: elements, border: border) : nil
      return product(
        WordPart(
          group: group, columns: shape.K / shape.groups, taps: depth.taps,
          channels: depth.channels, rowBytes: im2col?.rowBytes ?? rowBytes, im2col: im2col))
    }
    grid = WorkGrid(
      rows: shape.N * pixels, panels: products[0].panels.panels, depth: depth.words,
      taps: depth.taps, threads: threads)
    (self.shape, self.depth, self.products) = (shape, depth, products)
    borders = AlignedBuffer(byteCount: 4 * depth.tapWords)
    borders.bytes.initializeMemory(
      as: UInt8.self, repeating: border, count: 4 * depth.tapWords)
  }

  /// Bytes of workspace that `run` needs.
  var workspaceByteCount: Int {
    products[0].scratchByteCount * grid.rowShares * grid.panelShares
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
    var source = source(operands)
    let columns = shape.K / shape.groups
    for (group, product) in products.enumerated() {
      let first = group * columns
      product.run(
        rows: shape.N * shape.P * shape.Q, source: source,
        output: operands.output + first * product.width,
        residual: operands.residual.map { $0 + first * product.residualWidth },
        stride: operands.pitch ?? shape.K, grid: grid, workspace: operands.workspace,
        upcoming: products.count == 1 ? operands.upcoming : nil, pool: pool)
      // Im2col knows where its group's channels lie.
      if !depth.isLowered { source.base += depth.tapWords }
    }
  }

  private func source(_ operands: WordOperands) -> RowSource {
    let base = operands.input.assumingMemoryBound(to: Float.self)
    if depth.isLowered { return RowSource(base: base, layout: .plain(stride: depth.words)) }
    let pixel = shape.C / Kernel.elements
    if shape.isPointwise { return RowSource(base: base, layout: .plain(stride: pixel)) }
    return RowSource(
      base: base,
      layout: .windows(
        RowSource.Windows(
          height: shape.H, width: shape.W, pixel: pixel, columns: shape.S,
          strides: shape.strides, dilations: shape.dilations, top: shape.paddings.vertical,
          left: shape.paddings.horizontal, outputRows: shape.P, outputColumns: shape.Q,
          image: shape.H * shape.W * pixel, zeros: borders.pointer,
          areInside: shape.paddings == 0)))
  }
}

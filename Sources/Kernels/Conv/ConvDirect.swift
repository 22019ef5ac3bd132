/// Direct convolution on the register tile: any window, stride, padding and dilation, with nothing
/// lowered.
///
/// The convolution is the product of a matrix that is never made, one row a window, with the
/// packed filters. The tile reads each row through pointers, one per window position, into the
/// input where it lies; positions in the padding point to a row of zeros. Source of the idea:
/// Dukhan, "The Indirect Convolution Algorithm", 2019.
///
/// With fewer channels than a vector has lanes (the first layer of a network) that would be many
/// pointers for little work, so there the input is first copied into a frame of zeros, in which a
/// whole row of the window is contiguous and one pointer serves `S · C` floats.
///
/// Groups of channels that do not see one another are one product each, side by side in memory.
final class ConvDirect: CompiledConvolution {
  let shape: ConvShape

  /// One for each group of channels.
  private let products: [PanelProduct]
  private let grid: WorkGrid
  private let epilogue: Epilogue
  private let zeros: AlignedBuffer
  /// Whether the input is copied into a frame of zeros first.
  private let isFramed: Bool

  convenience init(
    _ shape: ConvShape, epilogue: Epilogue, threads: Int, caches: CacheSizes = .current
  ) {
    let isFramed = Self.isFramed(shape)
    let (channels, columns) = (shape.C / shape.groups, shape.K / shape.groups)
    let products = (0..<shape.groups).map { _ in
      PanelProduct(
        windows: isFramed ? shape.R : shape.R * shape.S,
        channels: isFramed ? shape.S * channels : channels, columns: columns, epilogue: epilogue,
        caches: caches)
    }
    self.init(shape, epilogue: epilogue, products: products, threads: threads)
  }

  /// Products of filters that exist, over the pixels of a shape.
  private init(
    _ shape: ConvShape, epilogue: Epilogue, products: [PanelProduct], threads: Int
  ) {
    (self.shape, self.epilogue, self.products) = (shape, epilogue, products)
    let channels = shape.C / shape.groups
    grid = WorkGrid(
      rows: shape.N * shape.P * shape.Q, panels: products[0].packed.panels,
      depth: shape.R * shape.S * channels, taps: shape.R * shape.S, threads: threads)
    isFramed = Self.isFramed(shape)
    zeros = AlignedBuffer(count: channels)
  }

  private static func isFramed(_ shape: ConvShape) -> Bool {
    shape.C < VectorUnit.lanes && shape.S > 1 && shape.hasContiguousWindowRows
  }

  func resized(to shape: ConvShape, threads: Int) -> (any CompiledConvolution)? {
    var own = self.shape
    (own.N, own.H, own.W) = (shape.N, shape.H, shape.W)
    guard own == shape else { return nil }
    return ConvDirect(shape, epilogue: epilogue, products: products, threads: threads)
  }

  /// Rows and columns of the frame that holds an image and its padding.
  private var frame: (height: Int, width: Int) {
    (shape.H + 2 * shape.paddings.vertical, shape.W + 2 * shape.paddings.horizontal)
  }

  private var frameCount: Int {
    guard isFramed else { return 0 }
    let floats = shape.N * frame.height * frame.width * shape.C
    return (floats + 15) / 16 * 16
  }

  var workspaceCount: Int {
    frameCount + products[0].scratchCount * grid.rowShares * grid.panelShares
  }

  func load(filters: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    let depth = shape.R * shape.S * shape.C / shape.groups
    let columns = shape.K / shape.groups
    for (group, product) in products.enumerated() {
      product.load(
        GemmOperand(filters + group * columns * depth, stride: depth, isTransposed: true),
        bias: bias.map { $0 + group * columns }, pool: pool)
    }
  }

  var filterMemory: UnsafeRawBufferPointer? {
    products.count == 1 ? products[0].packed.memory : nil
  }

  func run(_ operands: ConvOperands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    if isFramed { copyIntoFrame(operands, pool: pool) }
    var source = source(operands)
    let (channels, columns) = (shape.C / shape.groups, shape.K / shape.groups)
    for group in products.indices {
      let first = group * columns
      products[group].run(
        rows: shape.N * shape.P * shape.Q, source: source, output: operands.output + first,
        residual: operands.residual.map { $0 + first }, stride: operands.pitch ?? shape.K,
        grid: grid, workspace: operands.workspace + frameCount,
        upcoming: products.count == 1 ? operands.upcoming : nil, pool: pool)
      source.base += channels
    }
  }

  private func source(_ operands: ConvOperands) -> RowSource {
    if shape.isPointwise {
      return RowSource(base: operands.input, layout: .plain(stride: shape.C))
    }
    let (height, width) = isFramed ? frame : (shape.H, shape.W)
    return RowSource(
      base: isFramed ? UnsafePointer(operands.workspace) : operands.input,
      layout: .windows(
        RowSource.Windows(
          height: height, width: width, pixel: shape.C, columns: isFramed ? 1 : shape.S,
          strides: shape.strides, dilations: shape.dilations,
          top: isFramed ? 0 : shape.paddings.vertical,
          left: isFramed ? 0 : shape.paddings.horizontal, outputRows: shape.P,
          outputColumns: shape.Q, image: height * width * shape.C, zeros: zeros.pointer,
          areInside: isFramed || shape.paddings == 0)))
  }

  private func copyIntoFrame(_ operands: ConvOperands, pool: ThreadPool) {
    let (height, width) = frame
    let (pitch, border) = (width * shape.C, shape.paddings.horizontal * shape.C)
    let row = shape.W * shape.C
    pool.forEachShare(of: shape.N * height, grain: 16) { lines in
      for line in lines {
        let target = operands.workspace + line * pitch
        let (image, h) = (line / height, line % height - shape.paddings.vertical)
        guard h >= 0, h < shape.H else {
          target.update(repeating: 0, count: pitch)
          continue
        }
        target.update(repeating: 0, count: border)
        (target + border).update(
          from: operands.input + (image * shape.H + h) * row, count: row)
        (target + border + row).update(repeating: 0, count: pitch - border - row)
      }
    }
  }
}

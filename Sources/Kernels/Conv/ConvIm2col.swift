/// Convolution by lowering to a matrix product: `im2col`, then OpenBLAS's `sgemm`.
///
/// Source: Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for
/// Document Processing", 2006. A 1x1 layer of stride 1 without padding is already a product and
/// is not lowered. Each worker of the pool calls OpenBLAS with one thread.
final class ConvIm2col: CompiledConvolution, @unchecked Sendable {
  let shape: ConvShape
  let workspaceCount: Int

  /// What the workers divide among themselves.
  private enum Partition {
    /// Output pixels: each worker lowers and multiplies blocks of its own, and all read all filters.
    case pixels(blockRows: Int)
    /// Filters: all lower together, then each multiplies by its share. For few pixels and many
    /// filters, where reading all filters twice would cost more.
    case filters
  }

  /// Floats of a worker's piece of the matrix, 4 MB: enough rows to pay for packing the filters,
  /// few enough for the second-level cache to help.
  static let blockLimit = 1 << 20

  /// Floats of the output, 16 kB, that are finished before an activation other than ReLU follows.
  private static let stripLimit = 4096

  private let lowering: Im2col
  private let epilogue: Epilogue
  private let partition: Partition
  private let threads: Int
  private let filters: AlignedBuffer
  private let bias: AlignedBuffer
  private var hasBias = false

  init(_ shape: ConvShape, epilogue: Epilogue, threads: Int) {
    self.shape = shape
    self.epilogue = epilogue
    self.threads = threads
    lowering = Im2col(shape: shape)
    filters = AlignedBuffer(count: shape.filterCount)
    bias = AlignedBuffer(count: shape.K)
    let (rows, depth) = (lowering.rows, lowering.depth)
    if rows < shape.K, rows * depth <= threads * Self.blockLimit || shape.isPointwise {
      partition = .filters
      workspaceCount = shape.isPointwise ? 0 : rows * depth
    } else {
      let share = (rows + threads - 1) / threads
      let blockRows =
        shape.isPointwise ? share : min(share, lowering.blockRows(limit: Self.blockLimit))
      partition = .pixels(blockRows: blockRows)
      workspaceCount = shape.isPointwise ? 0 : threads * blockRows * depth
    }
  }

  func load(filters source: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    let target = filters.pointer
    pool.forEachShare(of: shape.filterCount, grain: 4096) { items in
      (target + items.lowerBound).update(from: source + items.lowerBound, count: items.count)
    }
    hasBias = bias != nil
    for k in 0..<shape.K { self.bias.pointer[k] = bias?[k] ?? 0 }
  }

  func run(_ operands: ConvOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    OpenBLAS.setThreads(1)
    switch partition {
    case .pixels(let blockRows): runByPixels(operands, blockRows: blockRows, pool: pool)
    case .filters: runByFilters(operands, pool: pool)
    }
  }

  /// 1 when the residual is the output itself: the product is then added to what is there.
  private func beta(_ operands: ConvOperands) -> Float {
    epilogue.addsResidual && operands.residual == UnsafePointer(operands.output) ? 1 : 0
  }

  private func runByPixels(_ operands: ConvOperands, blockRows: Int, pool: ThreadPool) {
    let (depth, K, workers) = (lowering.depth, shape.K, pool.threads)
    let pitch = operands.pitch ?? K
    let filters = GemmOperand(filters.pointer, stride: depth, isTransposed: true)
    pool.run { worker in
      let share = ThreadPool.share(
        of: lowering.rows, worker: worker, workers: workers, grain: min(8, blockRows))
      share.forEachBlock(of: blockRows) { block in
        let matrix = lowering.matrix(
          block, of: operands.input, at: operands.workspace + worker * blockRows * depth)
        GemmBLAS.multiply(
          GemmShape(m: block.count, n: K, k: depth), GemmOperand(matrix, stride: depth), filters,
          beta: beta(operands), into: operands.output + block.lowerBound * pitch,
          stride: pitch)
        finish(operands, rows: block, columns: 0..<K)
      }
    }
  }

  private func runByFilters(_ operands: ConvOperands, pool: ThreadPool) {
    let (rows, depth, K) = (lowering.rows, lowering.depth, shape.K)
    let matrix = lowering.matrix(0..<rows, of: operands.input, at: operands.workspace, pool)
    let filters = GemmOperand(filters.pointer, stride: depth, isTransposed: true)
    pool.forEachShare(of: K, grain: 16) { columns in
      GemmBLAS.multiply(
        GemmShape(m: rows, n: columns.count, k: depth), GemmOperand(matrix, stride: depth),
        filters.fromColumn(columns.lowerBound), beta: beta(operands),
        into: operands.output + columns.lowerBound, stride: operands.pitch ?? K)
      finish(operands, rows: 0..<rows, columns: columns)
    }
  }

  /// The epilogue on a part of the output, in one pass over memory.
  private func finish(_ operands: ConvOperands, rows: Range<Int>, columns: Range<Int>) {
    guard let function = epilogue.function else {
      return addAndRectify(operands, rows: rows, columns: columns)
    }
    let pitch = operands.pitch ?? shape.K
    rows.forEachBlock(of: max(1, Self.stripLimit / columns.count)) { strip in
      addAndRectify(operands, rows: strip, columns: columns)
      let first = operands.output + (strip.lowerBound * pitch + columns.lowerBound)
      Elementwise.apply(
        function, rows: strip.count, columns: columns.count, input: first, output: first,
        stride: pitch)
    }
  }

  /// Bias, residual and ReLU on a part of the output.
  private func addAndRectify(
    _ operands: ConvOperands, rows: Range<Int>, columns: Range<Int>
  ) {
    let residual = epilogue.addsResidual && beta(operands) == 0 ? operands.residual : nil
    guard hasBias || residual != nil || epilogue.appliesReLU else { return }
    let pitch = operands.pitch ?? shape.K
    let (count, bias) = (columns.count, UnsafePointer(bias.pointer + columns.lowerBound))
    for row in rows {
      let at = row * pitch + columns.lowerBound
      let target = operands.output + at
      switch (residual, epilogue.appliesReLU) {
      case (nil, false): for k in 0..<count { target[k] += bias[k] }
      case (nil, true):
        for k in 0..<count {
          let sum = target[k] + bias[k]
          target[k] = sum < 0 ? 0 : sum
        }
      case (let residual?, false):
        let other = residual + at
        for k in 0..<count { target[k] = target[k] + bias[k] + other[k] }
      case (let residual?, true):
        let other = residual + at
        for k in 0..<count {
          let sum = target[k] + bias[k] + other[k]
          target[k] = sum < 0 ? 0 : sum
        }
      }
    }
  }
}

/// Backward-data by a matrix product: `matrix = outputGradient · filters`, then each row is added
/// back onto the input positions that it was lowered from (`col2im`).
///
/// Each worker owns a run of input rows and computes whatever falls on them, so no two workers
/// write the same place and the order of additions is fixed.
final class Im2colBackwardData: CompiledBackwardData, Sendable {
  let shape: ConvShape
  let workspaceCount: Int

  private let lowering: Im2col
  private let threads: Int
  private let blockRows: Int

  init(_ shape: ConvShape, threads: Int) {
    self.shape = shape
    self.threads = threads
    lowering = Im2col(shape: shape)
    let perImage = shape.P * shape.Q
    blockRows = min(perImage, lowering.blockRows(limit: ConvIm2col.blockLimit))
    workspaceCount = shape.isPointwise ? 0 : threads * blockRows * lowering.depth
  }

  func run(_ operands: BackwardDataOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    OpenBLAS.setThreads(1)
    if shape.isPointwise {
      GemmBLAS.multiply(
        GemmShape(m: lowering.rows, n: shape.C, k: shape.K),
        GemmOperand(operands.outputGradient, stride: shape.K),
        GemmOperand(operands.filters, stride: shape.C), beta: operands.accumulates ? 1 : 0,
        into: operands.inputGradient, stride: shape.C, pool: pool)
      return
    }
    pool.run { worker in
      // Whole images where they divide evenly: rows at a cut are computed by both neighbours.
      let grain = shape.N % threads == 0 ? shape.H : 1
      let share = ThreadPool.share(
        of: shape.N * shape.H, worker: worker, workers: threads, grain: grain)
      var row = share.lowerBound
      while row < share.upperBound {
        let n = row / shape.H
        let end = min(share.upperBound, (n + 1) * shape.H)
        fill(operands, image: n, rows: (row - n * shape.H)..<(end - n * shape.H), worker: worker)
        row = end
      }
    }
  }

  /// Computes the input rows `rows` of image `n`.
  private func fill(_ operands: BackwardDataOperands, image n: Int, rows: Range<Int>, worker: Int) {
    let (C, W, K, depth) = (shape.C, shape.W, shape.K, lowering.depth)
    if !operands.accumulates {
      (operands.inputGradient + (n * shape.H + rows.lowerBound) * W * C)
        .update(repeating: 0, count: rows.count * W * C)
    }
    let matrix = operands.workspace + worker * blockRows * depth
    let outputs = outputRows(touching: rows)
    let first = n * shape.P
    let pixels = ((first + outputs.lowerBound) * shape.Q)..<((first + outputs.upperBound) * shape.Q)
    pixels.forEachBlock(of: blockRows) { block in
      GemmBLAS.multiply(
        GemmShape(m: block.count, n: depth, k: K),
        GemmOperand(operands.outputGradient + block.lowerBound * K, stride: K),
        GemmOperand(operands.filters, stride: depth), into: matrix, stride: depth)
      lowering.scatter(block, of: matrix, ontoRows: rows, of: operands.inputGradient)
    }
  }

  /// The output rows whose windows reach into the input rows `rows`.
  private func outputRows(touching rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound + shape.paddings.vertical - shape.R + 1
    let low = max(0, (first + shape.stride - 1) / shape.stride)
    let reach = rows.upperBound - 1 + shape.paddings.vertical
    let high = min(shape.P, reach / shape.stride + 1)
    return min(low, high)..<high
  }
}

/// Backward-weights by a matrix product: `filterGradient = outputGradientᵀ · matrix`, the pixels
/// being the depth of the product.
final class Im2colBackwardWeights: CompiledBackwardWeights, Sendable {
  let shape: ConvShape
  let workspaceCount: Int

  /// What the workers divide among themselves.
  private enum Partition {
    /// Pixels: each worker sums over its own into a gradient of its own; these are added at the
    /// end, worker by worker.
    case pixels
    /// Filters: all lower a block together, then each computes its share. For few pixels and many
    /// filters, where adding up whole gradients would cost more.
    case filters
  }

  private let lowering: Im2col
  private let threads: Int
  private let partition: Partition
  private let blockRows: Int

  init(_ shape: ConvShape, threads: Int) {
    self.shape = shape
    self.threads = threads
    lowering = Im2col(shape: shape)
    let rows = lowering.rows
    let limit = ConvIm2col.blockLimit
    if threads > 1, rows < 4 * shape.K {
      partition = .filters
      blockRows = lowering.blockRows(limit: threads * limit)
      workspaceCount = shape.isPointwise ? 0 : blockRows * lowering.depth
    } else {
      partition = .pixels
      blockRows = min((rows + threads - 1) / threads, lowering.blockRows(limit: limit))
      workspaceCount =
        (threads - 1) * shape.filterCount
        + (shape.isPointwise ? 0 : threads * blockRows * lowering.depth)
    }
  }

  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    OpenBLAS.setThreads(1)
    switch partition {
    case .pixels: runByPixels(operands, pool: pool)
    case .filters: runByFilters(operands, pool: pool)
    }
  }

  private func runByPixels(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let (depth, count) = (lowering.depth, shape.filterCount)
    let partials = operands.workspace + (shape.isPointwise ? 0 : threads * blockRows * depth)
    pool.run { worker in
      let own = worker == 0 ? operands.filterGradient : partials + (worker - 1) * count
      let share = ThreadPool.share(of: lowering.rows, worker: worker, workers: threads)
      if share.isEmpty { own.update(repeating: 0, count: count) }
      share.forEachBlock(of: shape.isPointwise ? share.count : blockRows) { block in
        let matrix = lowering.matrix(
          block, of: operands.input, at: operands.workspace + worker * blockRows * depth)
        accumulate(
          operands, block, matrix, filters: 0..<shape.K,
          isFirst: block.lowerBound == share.lowerBound, into: own)
      }
    }
    pool.add(partials, pitch: count, count: count, to: operands.filterGradient)
  }

  private func runByFilters(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let step = shape.isPointwise ? lowering.rows : blockRows
    (0..<lowering.rows).forEachBlock(of: step) { block in
      let matrix = lowering.matrix(block, of: operands.input, at: operands.workspace, pool)
      pool.forEachShare(of: shape.K, grain: 8) { filters in
        accumulate(
          operands, block, matrix, filters: filters, isFirst: block.lowerBound == 0,
          into: operands.filterGradient)
      }
    }
  }

  /// Adds one block of pixels to the gradient of some filters.
  private func accumulate(
    _ operands: BackwardWeightsOperands, _ block: Range<Int>, _ matrix: UnsafePointer<Float>,
    filters: Range<Int>, isFirst: Bool, into gradient: UnsafeMutablePointer<Float>
  ) {
    let depth = lowering.depth
    let outputGradient = GemmOperand(
      operands.outputGradient + block.lowerBound * shape.K + filters.lowerBound, stride: shape.K,
      isTransposed: true)
    GemmBLAS.multiply(
      GemmShape(m: filters.count, n: depth, k: block.count), outputGradient,
      GemmOperand(matrix, stride: depth), beta: isFirst ? 0 : 1,
      into: gradient + filters.lowerBound * depth, stride: depth)
  }
}

extension AttentionGradient {
  /// Some rows of queries of one head: their derivatives, and what they add to those by keys and
  /// values.
  func add(
    _ rows: Range<Int>, item: Int, head: Int, _ operands: Operands, _ products: Products,
    _ memory: Memory
  ) {
    let (count, pitch) = (rows.count, self.pitch)
    let seen = columns(rows)
    let firstQuery = queries.start(item, head) + rows.lowerBound * queries.row
    Self.fill(
      memory.queries, pitch: depthPitch, rows: count, width: size.depth,
      from: operands.queries + firstQuery, stride: queries.row)
    Self.fill(
      memory.gradients, pitch: widthPitch, rows: count, width: size.width,
      from: operands.outputGradient + outputs.start(item, head) + rows.lowerBound * outputs.row,
      stride: outputs.row)
    let panels = (seen + TileLimits.width - 1) / TileLimits.width
    multiply(
      products.scores, rows: count, panels: 0..<panels, memory.queries, stride: depthPitch,
      into: memory.shares, stride: pitch, memory.scratch)
    multiply(
      products.shares, rows: count, panels: 0..<panels, memory.gradients, stride: widthPitch,
      into: memory.slopes, stride: pitch, memory.scratch)
    for row in 0..<count {
      let (shares, slopes) = (memory.shares + row * pitch, memory.slopes + row * pitch)
      let query = AttentionRow(item: item, head: head, query: rows.lowerBound + row)
      let own = scores.share(shares, query, mask: operands.mask)
      (shares + size.keys).update(repeating: 0, count: pitch - size.keys)
      slopes.update(repeating: 0, count: own.lowerBound)
      (slopes + own.upperBound).update(repeating: 0, count: pitch - own.upperBound)
      differentiate(shares + own.lowerBound, slopes + own.lowerBound, own.count)
    }
    multiply(
      products.queries, rows: count, panels: 0..<products.queries.packed.panels, memory.slopes,
      stride: pitch, into: operands.queryGradient + firstQuery, stride: queries.row, memory.scratch)
    // A few keys more than are seen have zeros, as far as there are keys.
    let sums = min(sumRows, (seen + 3) / 4 * 4)
    addOuter(
      memory.slopes, pitch, rows: sums, memory.queries, depthPitch, length: count,
      to: memory.keySums)
    addOuter(
      memory.shares, pitch, rows: sums, memory.gradients, widthPitch, length: count,
      to: memory.valueSums)
  }

  /// `dS = scale · P ∘ (dP − Σ P ∘ dP)` of one row, in the place of `dP`.
  private func differentiate(
    _ shares: UnsafePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let lanes = VectorUnit.lanes
    let whole = count - count % lanes
    var sums = Vector.zero
    for j in stride(from: 0, to: whole, by: lanes) {
      sums.addProduct(Vector.load(shares + j), Vector.load(slopes + j))
    }
    var mean = sums.sum()
    for j in whole..<count { mean += shares[j] * slopes[j] }
    let scale = scores.rule.scale
    let (taken, times) = (Vector(repeating: mean), Vector(repeating: scale))
    for j in stride(from: 0, to: whole, by: lanes) {
      let slope = (Vector.load(slopes + j) - taken) * times
      (Vector.load(shares + j) * slope).store(slopes + j)
    }
    for j in whole..<count { slopes[j] = shares[j] * ((slopes[j] - mean) * scale) }
  }

  private func multiply(
    _ product: PanelProduct, rows: Int, panels: Range<Int>, _ source: UnsafePointer<Float>,
    stride: Int, into output: UnsafeMutablePointer<Float>, stride outputStride: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    product.multiply(
      rows: 0..<rows, panels: panels,
      source: RowSource(base: source, layout: .plain(stride: stride)),
      PanelProduct.Memory(
        output: output, residual: nil, stride: outputStride, scratch: scratch, following: nil,
        upcoming: nil))
  }

  /// `sums += Aᵀ · B`, the depth being rows of both.
  ///
  /// - Parameters:
  ///   - a: Columns become rows of the sums.
  ///   - aStride: Floats from a row of it to the next.
  ///   - rows: Columns that are taken, a multiple of four.
  ///   - b: Whole vectors in each row.
  ///   - bStride: Floats from a row of it, and of the sums, to the next.
  ///   - length: Rows of both.
  ///   - sums: Updated.
  private func addOuter(
    _ a: UnsafePointer<Float>, _ aStride: Int, rows: Int, _ b: UnsafePointer<Float>,
    _ bStride: Int, length: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    for first in stride(from: 0, to: rows, by: lanes) {
      for column in stride(from: 0, to: bStride, by: TileLimits.width) {
        let vectors = min(TileLimits.width, bStride - column) / lanes
        OuterTiles.multiplyPanel(
          rows: min(lanes, rows - first), columns: vectors,
          OuterCall(
            a: a + first, aStride: aStride, b: b + column, bStride: bStride, length: length,
            output: sums + (first * bStride + column), stride: bStride, accumulates: true,
            upcoming: UnsafeRawPointer(b + column), upcomingStep: 0))
      }
    }
  }

  /// Copies rows that lie apart to rows of whole vectors, the rest of which is 0.
  private static func fill(
    _ target: UnsafeMutablePointer<Float>, pitch: Int, rows: Int, width: Int,
    from source: UnsafePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      let line = target + row * pitch
      line.update(from: source + row * stride, count: width)
      (line + width).update(repeating: 0, count: pitch - width)
    }
  }

  /// Copies rows of whole vectors to where they belong.
  static func copy(
    _ source: UnsafePointer<Float>, pitch: Int, rows: Int, width: Int,
    to target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      (target + row * stride).update(from: source + row * pitch, count: width)
    }
  }
}
